/** Roles and tags to add to several users, or to remove from them. */

import { maxTagsPerUser } from '@gatehouse/contract/identity/tags'
import { UsersChange, userChanges } from '@gatehouse/contract/identity/user-changes'
import type { User, UserImpact } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { MultiSelect } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { RolesSelect } from '../../access/roles/roles-field.tsx'
import { call } from '../../api/client.ts'
import { endsAnywhere } from '../../ui/foreseen.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import type { ModalProps } from '../../ui/modals.tsx'
import { useRouteForm } from '../../ui/route-form.ts'
import { sendChange, tellReport, usersCounted } from './bulk-actions.tsx'
import { BulkProgress } from './bulk-progress.tsx'
import { impactInSlices } from './change-in-slices.ts'
import { TagsField } from './tags-field.tsx'
import { impactSentence } from './user-impact.ts'
import classes from './users.module.css'

interface BulkValues {
  addRoles: string[]
  removeRoles: string[]
  addTags: string[]
  removeTags: string[]
}

const blank: BulkValues = { addRoles: [], removeRoles: [], addTags: [], removeTags: [] }

export function BulkEdit({ question: users, settle }: ModalProps<readonly User[], boolean>) {
  const ids = users.map(({ id }) => id)
  const edit = useRouteForm(userChanges.apply, {
    initialValues: blank,
    toInput: (values) => ({ body: { users: ids, change: values } }),
    send: (_input, values) => sendChange(users, values),
    filledBySend: () => ['users'],
    onDone: (report) => {
      tellReport(report, (count) => plural(count, { one: '# user changed.', other: '# users changed.' }))
      settle(true)
    },
    onClose: () => settle(false),
  })
  const heldRoles = new Map(users.flatMap(({ roles, roleNames }) => roles.map((id, at) => [id, roleNames[at] ?? id])))
  const heldTags = [...new Set(users.flatMap(({ tags }) => tags))].toSorted()
  const isEmpty = Object.values(edit.form.values).every((list) => list.length === 0)
  return (
    <FormDialog
      title={t`Roles and tags`}
      subtitle={usersCounted(users.length)}
      note={<Impact users={users} values={edit.form.values} isEmpty={isEmpty} />}
      of={edit}
      submit={isEmpty ? null : plural(users.length, { one: 'Change # user', other: 'Change # users' })}
    >
      {(form) => (
        <div className={classes['columns']}>
          <BulkProgress />
          <RolesSelect
            label={t`Add roles`}
            placeholder={t`None`}
            value={form.values.addRoles}
            onChange={(chosen) => form.setFieldValue('addRoles', chosen)}
            error={form.errors['addRoles']}
          />
          <MultiSelect
            label={t`Remove roles`}
            placeholder={form.values.removeRoles.length === 0 ? t`None` : ''}
            data={[...heldRoles].map(([value, label]) => ({ value, label }))}
            disabled={heldRoles.size === 0}
            searchable
            {...form.getInputProps('removeRoles')}
          />
          <TagsField
            label={t`Add tags`}
            value={form.values.addTags}
            onChange={(chosen) => form.setFieldValue('addTags', chosen)}
            error={form.errors['addTags']}
          />
          <MultiSelect
            label={t`Remove tags`}
            placeholder={form.values.removeTags.length === 0 ? t`None` : ''}
            data={heldTags}
            disabled={heldTags.length === 0}
            maxValues={maxTagsPerUser}
            searchable
            {...form.getInputProps('removeTags')}
          />
        </div>
      )}
    </FormDialog>
  )
}

const typingPauseMs = 300

/** What the change would end, calculated by the server. */
function Impact({ users, values, isEmpty }: { users: readonly User[]; values: BulkValues; isEmpty: boolean }) {
  const [change] = useDebouncedValue(values, typingPauseMs)
  const isValid = UsersChange.safeParse(change).success
  const { data: impact, isError } = useQuery({
    queryKey: [userChanges.impact.id, users.map(({ id }) => id), change],
    queryFn: () => impactInSlices(users, change, call),
    enabled: !isEmpty && isValid,
  })
  if (isEmpty)
    return (
      <output>
        <Trans>Choose what to add or remove.</Trans>
      </output>
    )
  return <output>{sentence()}</output>

  function sentence(): string {
    if (change !== values) return t`Counting what this ends…`
    // The fields say what is wrong.
    if (!isValid) return ''
    if (isError) return t`What this ends could not be counted.`
    return impact ? endsWords(impact) : t`Counting what this ends…`
  }
}

function endsWords(impact: UserImpact): string {
  const { connections, connectionsByBroker, sessions, tokens } = impact
  const endsNothing = connections === 0 && sessions === 0 && tokens === 0 && !endsAnywhere(connectionsByBroker)
  return endsNothing ? t`Nothing ends.` : impactSentence(t`This change`, null, impact)
}
