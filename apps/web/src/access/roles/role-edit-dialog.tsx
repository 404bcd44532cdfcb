import { type Role, roles } from '@gatehouse/contract/access/roles'
import { plural, t } from '@lingui/core/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useSession } from '../../api/session.ts'
import { formatNumber } from '../../messages/format.ts'
import { disconnectedWords } from '../../ui/consequences.ts'
import { useEditForm } from '../../ui/edit-form.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { useNavigateTo, withSearch } from '../../ui/search-links.ts'
import { toast } from '../../ui/toast.tsx'
import { RoleFields, type RoleValues, resourcesOfRows, toRoleBody } from './role-fields.tsx'
import { roleQuery } from './search.ts'

export function RoleEdit({ id }: { id: string }) {
  const go = useNavigateTo()
  const { whyNot } = useSession()
  const { data: role } = useSuspenseQuery(roleQuery(id))
  const readOnly = role.builtIn ? 'Built-in: it can be given, not changed.' : whyNot(roles.update, { id })
  const edit = useEditForm(roleQuery(id), roles.update, {
    toValues,
    toInput: (values) => ({ params: { id }, body: toRoleBody(values) }),
    checkAsTyped: [resourcesOfRows],
    readOnly,
    onDone: ({ name, disconnected }) => toast({ message: t`Role ${name} updated. ${disconnectedWords(disconnected)}` }),
    onClose: () => go(withSearch({ edit: undefined })),
  })
  return (
    <FormDialog
      title={readOnly ? t`Role` : t`Edit Role`}
      subtitle={edit.held.name}
      note={heldBy(edit.held)}
      of={edit}
      submit={t`Update`}
    >
      {(form) => <RoleFields form={form} role={edit.held} isReadOnly={readOnly !== undefined} />}
    </FormDialog>
  )
}

function toValues({ name, description, permissions }: Role): RoleValues {
  return { name, description: description ?? '', permissions }
}

function heldBy({ userCount }: Role): string {
  if (userCount === 0) return t`Nobody holds it.`
  return t`${formatNumber(userCount)} ${plural(userCount, { one: 'user holds', other: 'users hold' })} it. A change holds at once.`
}
