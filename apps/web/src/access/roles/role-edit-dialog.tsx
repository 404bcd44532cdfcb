import { type Role, roles } from '@gatehouse/contract/access/roles'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { useChange } from '../../api/queries.ts'
import { rights } from '../../api/rights.ts'
import { useSession } from '../../api/session.ts'
import { disconnectedWords } from '../../ui/consequences.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { here, useGo } from '../../ui/here.ts'
import { useOpened } from '../../ui/opened.ts'
import { toast } from '../../ui/toast.tsx'
import { RoleFields, type RoleValues, resourcesOfRows, toRoleBody } from './role-fields.tsx'
import { roleQuery } from './search.ts'

export function RoleEdit({ id }: { id: string }) {
  const go = useGo()
  const { whyNot } = useSession()
  const { value: role, reload } = useOpened(roleQuery(id))
  const update = useChange(roles.update, { invalidates: [roles.list, roles.view, users.list, session.view, ...rights] })
  const readOnly = role.builtIn ? 'Built-in: it can be given, not changed.' : whyNot(roles.update, { id })
  return (
    <FormDialog
      title={readOnly ? 'Role' : 'Edit Role'}
      subtitle={role.name}
      note={heldBy(role)}
      readOnly={readOnly}
      change={update}
      initialValues={toValues(role)}
      toInput={(values) => ({ params: { id }, ifMatch: role.version, body: toRoleBody(values) })}
      checkAsTyped={[resourcesOfRows]}
      submit="Update"
      onReload={async () => ({ values: toValues(await reload()) })}
      onDone={({ name, disconnected }) =>
        toast({ message: `Role ${name} updated. ${disconnectedWords(disconnected)}` })
      }
      onClose={() => go(here({ edit: undefined }))}
    >
      {(form) => <RoleFields form={form} role={role} isReadOnly={readOnly !== undefined} />}
    </FormDialog>
  )
}

function toValues({ name, description, permissions }: Role): RoleValues {
  return { name, description: description ?? '', permissions }
}

function heldBy({ userCount }: Role): string {
  if (userCount === 0) return 'Nobody holds it.'
  return `${userCount.toLocaleString('en')} ${userCount === 1 ? 'user holds' : 'users hold'} it. A change holds at once.`
}
