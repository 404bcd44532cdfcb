/** Own account → Sessions: the own sessions, and ending them. */

import { type OpenSession, sessions } from '@gatehouse/contract/identity/sessions'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { queryFor, useChange } from '../api/queries.ts'
import type { Loading } from '../api/session.ts'
import { SessionTable, sessionName } from '../identity/sessions/session-table.tsx'
import { confirm } from '../ui/confirm.tsx'
import { endedSessions } from '../ui/consequences.ts'
import { GuardedButton } from '../ui/guarded-button.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { toast } from '../ui/toast.tsx'
import { AccountNavigation } from './account-pages.tsx'

const sessionsQuery = queryFor(sessions.list, {})

export async function load({ context }: Loading): Promise<void> {
  await context.client.fetchQuery({ ...sessionsQuery, staleTime: 0 })
}

export function SessionsPage() {
  const { data } = useSuspenseQuery(sessionsQuery)
  const { endOne, endOthers } = useEndSessions()
  const others = data.items.filter(({ current }) => !current).length
  return (
    <>
      <AccountNavigation />
      <PageHeader
        help={() => import('./help.ts').then(({ sessionsHelp }) => sessionsHelp)}
        title={t`Sessions`}
        description={t`Where you are signed in to the console. If you do not recognize a session, end it and change your password.`}
        actions={
          <GuardedButton
            variant="default"
            whyNot={others === 0 ? t`This is your only session.` : undefined}
            onClick={() => void endOthers(others)}
          >
            <Trans>End all others</Trans>
          </GuardedButton>
        }
      />
      <SessionTable label={t`Sessions`} sessions={data.items} onEnd={(open) => void endOne(open)} />
    </>
  )
}

function useEndSessions() {
  const one = useChange(sessions.end)
  const others = useChange(sessions.endOthers)

  async function endOne(open: OpenSession): Promise<void> {
    await confirm({
      title: t`End this session?`,
      message: t`${sessionName(open)} has to sign in again.`,
      action: t`End session`,
      run: async () => {
        await one.mutateAsync({ params: { id: open.id } })
        toast({ message: endedSessions(1) })
      },
    })
  }

  async function endOthers(count: number): Promise<void> {
    await confirm({
      title: t`End all other sessions?`,
      message: t`Your current session stays.`,
      consequences: [{ count, what: plural(count, { one: 'session ends', other: 'sessions end' }) }],
      action: t`End all others`,
      run: async () => {
        const { ended } = await others.mutateAsync({})
        toast({ message: endedSessions(ended) })
      },
    })
  }

  return { endOne, endOthers }
}
