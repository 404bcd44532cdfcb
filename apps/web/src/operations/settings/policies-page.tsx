/** Settings → Policies: what holds for everybody. A change is effective at once, for what is open already too. */

import { roles } from '@gatehouse/contract/access/roles'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { type Settings, settings } from '@gatehouse/contract/operations/settings'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { roleChoicesQuery } from '../../access/roles/role-choices.ts'
import { queryFor, useChange } from '../../api/queries.ts'
import { type Loading, mayIn, useSession } from '../../api/session.ts'
import { disconnectedWords } from '../../ui/consequences.ts'
import { useGuardedForm } from '../../ui/guarded-form.ts'
import { MeetingPanel } from '../../ui/meeting-panel.tsx'
import { type Opened, useOpened } from '../../ui/opened.ts'
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
  const opened = useOpened(settingsQuery)
  // What was saved begins a form anew; what somebody else saved is taken into the one that there is.
  const [saves, setSaves] = useState(0)
  return (
    <>
      <PageHeader title="Policies" description="They hold for everybody. A change is effective at once." />
      <PoliciesForm key={saves} opened={opened} onSaved={() => setSaves(saves + 1)} />
    </>
  )
}

interface PoliciesFormProps {
  opened: Opened<Settings>
  onSaved: () => void
}

function PoliciesForm({ opened: { value, reload, adopt }, onSaved }: PoliciesFormProps) {
  const { whyNot } = useSession()
  const readOnly = whyNot(settings.update)
  const change = useChange(settings.update, {
    invalidates: [settings.view, session.view, session.passwordPolicy, mfa.view, users.list, users.view],
  })
  const roleNames = useRoleNames()
  const { form, send, save, shownError, meeting } = useGuardedForm<PolicyValues, typeof settings.update>({
    change,
    initialValues: valuesOf(value),
    readable: readable(value, roleNames),
    toInput: (values) => ({ ifMatch: value.version, body: values }),
    readOnly,
    onReload: async () => {
      const current = await reload()
      return { values: valuesOf(current), readable: readable(current, roleNames) }
    },
    onDone: ({ disconnected, ...saved }) => {
      toast({ message: `Policies saved. They hold from now on. ${disconnectedWords(disconnected)}` })
      adopt(saved)
    },
    // A page stays open.
    onClose: onSaved,
  })
  return (
    <form className={classes['form']} onSubmit={send(save)} noValidate>
      {readOnly && <div className={classes['readOnly']}>{readOnly}</div>}
      <FactorRules form={form} isReadOnly={readOnly !== undefined} />
      {policyGroups.map((group) => (
        <PolicyFields key={group.title} form={form} group={group} isReadOnly={readOnly !== undefined} />
      ))}
      <ListRules form={form} isReadOnly={readOnly !== undefined} />
      <AuditRules form={form} isReadOnly={readOnly !== undefined} />
      <Problem error={shownError} />
      {meeting && <MeetingPanel meeting={meeting} form={form} submit="Save" />}
      {!readOnly && (
        <div>
          <Button type="submit" loading={change.isPending} disabled={!form.isDirty()}>
            Save
          </Button>
        </div>
      )}
    </form>
  )
}

function valuesOf({ version: _version, ...values }: Settings): PolicyValues {
  return values
}

function readable({ mfa: factor, audit }: Settings, roleNames: ReadonlyMap<string, string>) {
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
