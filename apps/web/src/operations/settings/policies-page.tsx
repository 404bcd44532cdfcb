/** Settings → Policies: policies for all users. A change applies at once, also to open sessions and connections. */

import { roles } from '@gatehouse/contract/access/roles'
import { type Settings, settings } from '@gatehouse/contract/operations/settings'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { roleChoicesQuery } from '../../access/roles/role-choices.ts'
import { queryFor } from '../../api/queries.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { disconnectedWords } from '../../ui/consequences.ts'
import { EditConflictPanel } from '../../ui/edit-conflict-panel.tsx'
import { useEditForm } from '../../ui/edit-form.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { Problem } from '../../ui/problem.tsx'
import { toast } from '../../ui/toast.tsx'
import { AuditRules } from './audit-rules.tsx'
import { FactorRules } from './factor-rules.tsx'
import { ListRules } from './list-rules.tsx'
import classes from './policies.module.css'
import { PolicyFields } from './policy-fields.tsx'
import { type PolicyValues, policyGroups } from './policy-groups.ts'

const settingsQuery = queryFor(settings.view, {})

export async function load({ context: { client, session: held } }: Loading): Promise<void> {
  await Promise.all([
    client.fetchQuery({ ...settingsQuery, staleTime: 0 }),
    mayIn(held, roles.list) && client.ensureQueryData(roleChoicesQuery),
  ])
}

export function PoliciesPage() {
  return (
    <>
      <PageHeader
        title={t`Policies`}
        description={t`Organization-wide. Changes apply immediately.`}
        help={() => import('./help.ts').then(({ policiesHelp }) => policiesHelp)}
      />
      <PoliciesForm />
    </>
  )
}

function PoliciesForm() {
  const { whyNot } = useSession()
  const readOnly = whyNot(settings.update)
  const roleNames = useRoleNames()
  const { form, onSubmit, isPending, error, conflict } = useEditForm(settingsQuery, settings.update, {
    toValues,
    toReadable: (value: Settings) => toReadable(value, roleNames),
    toInput: (values) => ({ body: values }),
    readOnly,
    onDone: (ended) => toast({ message: t`Policies saved. ${disconnectedWords(ended)}` }),
  })
  return (
    <form className={classes['form']} onSubmit={onSubmit} noValidate>
      {readOnly && <div className={classes['readOnly']}>{readOnly}</div>}
      <FactorRules form={form} isReadOnly={readOnly !== undefined} />
      {policyGroups.map((group) => (
        <PolicyFields key={group.title} form={form} group={group} isReadOnly={readOnly !== undefined} />
      ))}
      <ListRules form={form} isReadOnly={readOnly !== undefined} />
      <AuditRules form={form} isReadOnly={readOnly !== undefined} />
      <Problem error={error} />
      {conflict && <EditConflictPanel conflict={conflict} form={form} submit={t`Save`} />}
      {!readOnly && (
        <div>
          <Button type="submit" loading={isPending} disabled={!form.isDirty()}>
            <Trans>Save</Trans>
          </Button>
        </div>
      )}
    </form>
  )
}

function toValues({ version: _version, ...values }: Settings): PolicyValues {
  return values
}

function toReadable({ mfa: factor, audit }: Settings, roleNames: ReadonlyMap<string, string>) {
  return {
    mfa: { ...factor, roles: factor.roles.map((id) => roleNames.get(id) ?? id) },
    audit: { keepDays: audit.keepDays ?? 'never' },
  }
}

function useRoleNames(): ReadonlyMap<string, string> {
  const { can } = useSession()
  const { data } = useQuery({ ...roleChoicesQuery, enabled: can(roles.list) })
  return new Map(data?.items.map(({ id, name }) => [id, name]))
}
