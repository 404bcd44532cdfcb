import { type Role, roles } from '@gatehouse/contract/access/roles'
import { useChange } from '../../api/queries.ts'
import { rights } from '../../api/rights.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { here, useGo } from '../../ui/here.ts'
import { toast } from '../../ui/toast.tsx'
import { RoleFields, type RoleValues, resourcesOfRows, toRoleBody } from './role-fields.tsx'

const blank: RoleValues = { name: '', description: '', permissions: [] }

export function RoleCreate() {
  const go = useGo()
  const create = useChange(roles.create, { invalidates: [roles.list, ...rights] })
  return (
    <FormDialog
      title="Add Role"
      change={create}
      initialValues={blank}
      toInput={(values) => ({ body: toRoleBody(values) })}
      checkAsTyped={[resourcesOfRows]}
      submit="Create"
      onDone={(role: Role) => toast({ message: `Role ${role.name} created.` })}
      onClose={() => go(here({ create: undefined }))}
    >
      {(form) => <RoleFields form={form} />}
    </FormDialog>
  )
}
