/** Settings → Policies: what holds for everybody. A change is effective at once, for what is open already too. */
import { mfa } from '@gatehouse/contract/mfa'
import { roles } from '@gatehouse/contract/roles'
import { session } from '@gatehouse/contract/session'
import { type Settings, settings } from '@gatehouse/contract/settings'
import { users } from '@gatehouse/contract/users'
import { Button } from '@mantine/core'
import { isRefusal } from '../api/client.ts'
import { queryFor, useChange } from '../api/queries.ts'
import { roleChoicesQuery } from '../api/role-choices.ts'
import { type Loading, mayIn, useSession } from '../api/session.ts'
import { Problem } from '../feedback/problem.tsx'
import { toast } from '../feedback/toast.tsx'
import { useGuardedForm } from '../form/guarded-form.ts'
import { type Opened, useOpened } from '../form/opened.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { disconnectedWords } from '../words/consequences.ts'
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
  return (
    <>
      <PageHeader title="Policies" description="They hold for everybody. A change is effective at once." />
      <PoliciesForm key={opened.value.version} opened={opened} />
    </>
  )
}

function PoliciesForm({ opened: { value, reload, adopt } }: { opened: Opened<Settings> }) {
  const { whyNot } = useSession()
  const readOnly = whyNot(settings.update)
  const change = useChange(settings.update, {
    invalidates: [settings.view, session.view, session.passwordPolicy, mfa.view, users.list, users.view],
  })
  const { version, ...initialValues } = value
  const { form, send, save, shownError } = useGuardedForm<PolicyValues, typeof settings.update>({
    change,
    initialValues,
    toInput: (values) => ({ ifMatch: version, body: values }),
    readOnly,
    onDone: ({ disconnected, ...saved }) => {
      toast({ message: `Policies saved. They hold from now on. ${disconnectedWords(disconnected)}` })
      adopt(saved)
    },
    // A page stays open; what was saved has another version, and is another form.
    onClose: () => undefined,
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
      <Problem
        error={shownError}
        action={
          isRefusal(shownError, 'changed_meanwhile')
            ? { label: 'Load the current version', run: () => void reload() }
            : undefined
        }
      />
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
