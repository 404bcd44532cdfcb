import { type Role, roles } from '@gatehouse/contract/access/roles'
import { plural, t } from '@lingui/core/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useSession } from '../../api/session.ts'
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
  const readOnly = role.builtIn ? t`Built-in roles can be assigned, not changed.` : whyNot(roles.update, { id })
  const edit = useEditForm(roleQuery(id), roles.update, {
    toValues,
    toInput: (values) => ({ params: { id }, body: toRoleBody(values) }),
    checkAsTyped: [resourcesOfRows],
    readOnly,
    onDone: ({ name, ...ended }) => toast({ message: t`Role ${name} updated. ${disconnectedWords(ended)}` }),
    onClose: () => go(withSearch({ edit: undefined })),
  })
  return (
    <FormDialog
      title={readOnly ? t`Role` : t`Edit role`}
      subtitle={edit.held.name}
      note={heldBy(edit.held)}
      of={edit}
      submit={t`Save`}
    >
      {(form) => <RoleFields form={form} role={edit.held} isReadOnly={readOnly !== undefined} />}
    </FormDialog>
  )
}

function toValues({ name, description, permissions }: Role): RoleValues {
  return { name, description: description ?? '', permissions }
}

function heldBy({ userCount }: Role): string {
  if (userCount === 0) return t`Not assigned to any user.`
  return plural(userCount, {
    one: '# user has this role. Changes apply at once.',
    other: '# users have this role. Changes apply at once.',
  })
}
