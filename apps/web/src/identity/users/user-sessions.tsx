/** Where a user is signed in to the console, with the way to end each session or all. */

import { sessions } from '@gatehouse/contract/identity/sessions'
import type { User } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { Section } from '../../ui/section.tsx'
import { SessionTable } from '../sessions/session-table.tsx'
import { useSessionActions } from './user-actions.ts'

/** Any id: the permission does not depend on the session. */
const anySession = '~'

export function UserSessions({ user }: { user: User }) {
  const { id, username } = user
  const { data: open } = useSuspenseQuery(queryFor(sessions.listOf, { params: { id } }))
  const { whyNot } = useSession()
  const { endSession, endSessions } = useSessionActions(user)
  const count = open.items.length
  const mayEndOne = whyNot(sessions.endOf, { id, sessionId: anySession }) === undefined
  return (
    <Section
      title={t`Sessions in the console`}
      actions={
        count > 0 && (
          <GuardedButton
            size="xs"
            variant="default"
            whyNot={whyNot(sessions.endAllOf, { id })}
            onClick={() => void endSessions(count)}
          >
            <Trans>End all…</Trans>
          </GuardedButton>
        )
      }
      empty={count === 0 && t`No console sessions.`}
    >
      <SessionTable
        label={t`Sessions of ${username}`}
        sessions={open.items}
        onEnd={mayEndOne ? (one) => void endSession(one) : undefined}
      />
    </Section>
  )
}
