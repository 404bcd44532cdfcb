/** What is known of a user, as the list's cells and beside the form. */

import { mfa } from '@gatehouse/contract/identity/second-factors'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { tokens } from '@gatehouse/contract/identity/tokens'
import type { User, UserDetails } from '@gatehouse/contract/identity/users'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconCpu, IconLock, IconUser } from '@tabler/icons-react'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { Machine, StatusBadge, Tag } from '../../ui/badges.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { RowIcon } from '../../ui/row-icon.tsx'
import { SessionTable } from '../sessions/session-table.tsx'
import { methodIcons } from './method-icons.ts'
import { useFactorActions, whyNotPassword } from './user-actions.ts'
import classes from './users.module.css'

export function Name({ user: { username, displayName, kind, disabledAt } }: { user: User }) {
  const isMachine = kind === 'machine'
  return (
    <span className={classes['name']}>
      <span className={classes['kind']}>
        <RowIcon name={kind} size={16} label={isMachine ? t`Machine` : t`Person`} />
      </span>
      <span className={classes['names']}>
        {isMachine ? <Machine>{username}</Machine> : <span>{username}</span>}
        {displayName && <span className={classes['displayName']}>{displayName}</span>}
        {disabledAt !== null && (
          <StatusBadge status="off">
            <Trans>disabled</Trans>
          </StatusBadge>
        )}
      </span>
    </span>
  )
}

const grantNames = { password: t`password`, certificate: t`certificate`, token: t`token` } as const

/** The shapes of the icons in the cells, once on each page that has them. */
export const cellIcons = { person: IconUser, machine: IconCpu, ...methodIcons }

export function Methods({ user: { grantTypes } }: { user: User }) {
  if (grantTypes.length === 0) return '–'
  return (
    <span className={classes['methods']}>
      {grantTypes.map(({ method, isRequired }) => (
        <Tag key={method}>
          <RowIcon name={method} size={13} />
          {grantNames[method]}
          {isRequired && <IconLock size={13} aria-label={t`required`} />}
        </Tag>
      ))}
    </span>
  )
}

export function SecondFactor({ user: { kind, mfa: factor } }: { user: Pick<User, 'kind' | 'mfa'> }) {
  if (factor.enabled) {
    return (
      <span className={classes['factor']} data-status="valid">
        <IconCheck size={15} aria-hidden />
        <Trans>on</Trans>
      </span>
    )
  }
  if (factor.demanded) {
    return (
      <span className={classes['factor']} data-status="expiring">
        <IconAlertTriangle size={15} aria-hidden />
        <Trans>required, not set up</Trans>
      </span>
    )
  }
  return <span className={classes['dimmed']}>{kind === 'machine' ? '–' : t`off`}</span>
}

export function TimeCell({ at }: { at: string | null }) {
  return (
    <span className={classes['when']}>
      <RelativeTime at={at} />
    </span>
  )
}

const UserTokens = lazy(() => import('../tokens/user-tokens.tsx').then(({ UserTokens: part }) => ({ default: part })))

interface UserFactsProps {
  user: UserDetails
  onSetPassword: () => void
  onResetFactor: (openSessions: number) => void
  /** Whether a second factor is demanded of the user, which is part of the form. */
  children: ReactNode
}

export function UserFacts(props: UserFactsProps) {
  const { user } = props
  const { can } = useSession()
  return (
    <div>
      <KnownFacts {...props} />
      {user.hasPassword && can(sessions.listOf, { id: user.id }) && (
        <Suspense
          fallback={
            <SessionsFact>
              <Trans>Counting…</Trans>
            </SessionsFact>
          }
        >
          <UserSessions user={user} />
        </Suspense>
      )}
      {user.grantTypes.some(({ method }) => method === 'token') && can(tokens.listOf, { id: user.id }) && (
        <Suspense>
          <UserTokens user={user} />
        </Suspense>
      )}
    </div>
  )
}

function KnownFacts({ user, onSetPassword, onResetFactor, children }: UserFactsProps) {
  const reason = whyNotPassword(user, useSession())
  return (
    <Facts>
      <Fact label={t`Password`}>
        <span className={classes['passwordFact']}>
          {passwordWords(user)}
          {reason ? (
            <span className={classes['note']}>{reason}</span>
          ) : (
            <Button size="compact-sm" variant="subtle" onClick={onSetPassword}>
              <Trans>Set password…</Trans>
            </Button>
          )}
        </span>
      </Fact>
      {(user.kind === 'person' || user.mfa.enabled) && (
        <Fact label={t`MFA`}>
          <span className={classes['passwordFact']}>
            <SecondFactor user={user} />
            {user.mfa.enabled && <ResetFactor user={user} onReset={onResetFactor} />}
          </span>
        </Fact>
      )}
      {children}
      <Fact label={t`Last sign-in`}>
        <RelativeTime at={user.lastSignInAt} />
      </Fact>
      <Fact label={t`Live connections`}>{user.connections ?? t`The broker is not responding.`}</Fact>
    </Facts>
  )
}

function sessionsOf({ id }: Pick<User, 'id'>) {
  return queryFor(sessions.listOf, { params: { id } })
}

function ResetFactor({ user, onReset }: { user: User; onReset: (openSessions: number) => void }) {
  const { user: self, can, whyNot } = useSession()
  const { data: open } = useQuery({ ...sessionsOf(user), enabled: can(sessions.listOf, { id: user.id }) })
  const isOwn = self.id === user.id
  return (
    <GuardedButton
      size="compact-sm"
      variant="subtle"
      whyNot={isOwn ? t`Your own. See Settings.` : whyNot(mfa.reset, { id: user.id })}
      onClick={() => onReset(open?.items.length ?? 0)}
    >
      <Trans>Disable multi-factor authentication…</Trans>
    </GuardedButton>
  )
}

/** Where the user is signed in to the console. */
function UserSessions({ user }: { user: User }) {
  const { data: open } = useSuspenseQuery(sessionsOf(user))
  const { whyNot } = useSession()
  const { endSession, endSessions } = useFactorActions(user)
  const [isShown, setShown] = useState(false)
  const count = open.items.length
  const reason = whyNot(sessions.endAllOf, { id: user.id })
  return (
    <>
      <SessionsFact>
        {count === 0 ? t`No console sessions.` : t`${count} in the console.`}
        {count > 0 && (
          <>
            <Button size="compact-sm" variant="subtle" aria-expanded={isShown} onClick={() => setShown(!isShown)}>
              {isShown ? t`Hide sessions` : t`Show sessions`}
            </Button>
            <GuardedButton size="compact-sm" variant="subtle" whyNot={reason} onClick={() => void endSessions(count)}>
              <Trans>End all…</Trans>
            </GuardedButton>
          </>
        )}
      </SessionsFact>
      {isShown && count > 0 && (
        <SessionTable
          label={t`Sessions of ${user.username}`}
          sessions={open.items}
          onEnd={reason === undefined ? (one) => void endSession(one) : undefined}
        />
      )}
    </>
  )
}

/** Keeps its height while loading, so that the content above does not move. */
function SessionsFact({ children }: { children: ReactNode }) {
  return (
    <Facts>
      <Fact label={t`Sessions`}>
        <span className={classes['passwordFact']}>{children}</span>
      </Fact>
    </Facts>
  )
}

function passwordWords({ hasPassword, mustChangePassword }: User): string {
  if (!hasPassword) return t`None.`
  return mustChangePassword ? t`Set. Must be changed at the next sign-in.` : t`Set.`
}
