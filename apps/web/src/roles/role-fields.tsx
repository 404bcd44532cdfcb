/** What a role consists of, on the screen. */
import type { Permission } from '@gatehouse/contract/permissions'
import { TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { everyRow, PermissionsField } from '../form/permissions-field.tsx'

export interface RoleValues {
  name: string
  description: string
  permissions: Permission[]
}

/** Checked at every key: a wrong wildcard is said while it is being typed. */
export const resourcesOfRows = `permissions.${everyRow}.resource`

export function toRoleBody({ name, description, permissions }: RoleValues) {
  return { name, description: description.trim() === '' ? null : description.trim(), permissions }
}

interface RoleFieldsProps {
  form: UseFormReturnType<RoleValues>
  isReadOnly?: boolean
}

export function RoleFields({ form, isReadOnly = false }: RoleFieldsProps) {
  return (
    <>
      <TextInput label="Name" data-autofocus readOnly={isReadOnly} autoComplete="off" {...form.getInputProps('name')} />
      <TextInput label="Description" readOnly={isReadOnly} autoComplete="off" {...form.getInputProps('description')} />
      <PermissionsField form={form} isReadOnly={isReadOnly} />
    </>
  )
}
