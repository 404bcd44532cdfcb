/** What a role consists of, on the screen. */

import type { Permission } from '@gatehouse/contract/access/permission'
import type { Role } from '@gatehouse/contract/access/roles'
import { t } from '@lingui/core/macro'
import { TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { PermissionTester } from '../permissions/permission-tester.tsx'
import { everyRow, PermissionsField } from '../permissions/permissions-field.tsx'
import { CopyPermissions } from './copy-permissions.tsx'

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
  /** The one that is being edited. */
  role?: Pick<Role, 'id'>
  isReadOnly?: boolean
}

export function RoleFields({ form, role, isReadOnly = false }: RoleFieldsProps) {
  return (
    <>
      <TextInput
        label={t`Name`}
        data-autofocus
        readOnly={isReadOnly}
        autoComplete="off"
        {...form.getInputProps('name')}
      />
      <TextInput
        label={t`Description`}
        readOnly={isReadOnly}
        autoComplete="off"
        {...form.getInputProps('description')}
      />
      {!isReadOnly && <CopyPermissions form={form} except={role?.id} />}
      <PermissionsField form={form} isReadOnly={isReadOnly} />
      <PermissionTester permissions={form.values.permissions} />
    </>
  )
}
