import { type Role, roles } from '@gatehouse/contract/access/roles'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { here, useGo } from '../../ui/here.ts'
import { useRouteForm } from '../../ui/route-form.ts'
import { toast } from '../../ui/toast.tsx'
import { RoleFields, type RoleValues, resourcesOfRows, toRoleBody } from './role-fields.tsx'

const blank: RoleValues = { name: '', description: '', permissions: [] }

export function RoleCreate() {
  const go = useGo()
  const create = useRouteForm(roles.create, {
    initialValues: blank,
    toInput: (values) => ({ body: toRoleBody(values) }),
    checkAsTyped: [resourcesOfRows],
    onDone: (role: Role) => toast({ message: `Role ${role.name} created.` }),
    onClose: () => go(here({ create: undefined })),
  })
  return (
    <FormDialog title="Add Role" of={create} submit="Create">
      {(form) => <RoleFields form={form} />}
    </FormDialog>
  )
}
