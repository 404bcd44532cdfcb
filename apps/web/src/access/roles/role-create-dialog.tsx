import { type Role, roles } from '@gatehouse/contract/access/roles'
import { t } from '@lingui/core/macro'
import { toRole } from '../../links.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { RoleFields, type RoleValues, resourcesOfRows, toRoleBody } from './role-fields.tsx'

const blank: RoleValues = { name: '', description: '', permissions: [] }

export function RoleCreate() {
  const go = useNavigateTo()
  const create = useRouteForm(roles.create, {
    initialValues: blank,
    toInput: (values) => ({ body: toRoleBody(values) }),
    checkAsTyped: [resourcesOfRows],
    onDone: (role: Role) =>
      toast({ message: t`Role ${role.name} created.`, next: [{ label: t`Open`, link: toRole(role.id) }] }),
    onClose: () => go(withSearch({ create: undefined })),
  })
  return (
    <FormDialog title={t`Add role`} of={create} submit={t`Create`}>
      {(form) => <RoleFields form={form} />}
    </FormDialog>
  )
}
