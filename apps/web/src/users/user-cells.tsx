/** What is known of a user, as the list's cells and beside the form. */
import type { User, UserDetails } from '@gatehouse/contract/users'
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconCpu, IconLock, IconUser } from '@tabler/icons-react'
import { useSession } from '../api/session.ts'
import { Machine, StatusBadge, Tag } from '../feedback/badges.tsx'
import { Fact, Facts } from '../feedback/facts.tsx'
import { RelativeTime } from '../feedback/relative-time.tsx'
import { methodIcons } from '../form/grants-field.tsx'
import { whyNotPassword } from './user-password.tsx'
import classes from './users.module.css'

export function Name({ user: { username, displayName, kind, disabledAt } }: { user: User }) {
  const isMachine = kind === 'machine'
  const Glyph = isMachine ? IconCpu : IconUser
  return (
    <span className={classes['name']}>
      <Glyph size={16} stroke={1.6} aria-label={isMachine ? 'Machine' : 'Person'} className={classes['kind']} />
      <span className={classes['names']}>
        {isMachine ? <Machine>{username}</Machine> : <span>{username}</span>}
        {displayName && <span className={classes['displayName']}>{displayName}</span>}
        {disabledAt !== null && <StatusBadge status="off">disabled</StatusBadge>}
      </span>
    </span>
  )
}

export function Methods({ user: { grantTypes } }: { user: User }) {
  if (grantTypes.length === 0) return '–'
  return (
    <span className={classes['methods']}>
      {grantTypes.map(({ method, isRequired }) => (
        <Tag key={method} icon={methodIcons[method]}>
          {method}
          {isRequired && <IconLock size={13} aria-label="required" />}
        </Tag>
      ))}
    </span>
  )
}

export function SecondFactor({ user: { kind, mfa } }: { user: User }) {
  if (mfa.enabled) {
    return (
      <span className={classes['factor']} data-status="valid">
        <IconCheck size={15} aria-hidden />
        on
      </span>
    )
  }
  if (mfa.required) {
    return (
      <span className={classes['factor']} data-status="expiring">
        <IconAlertTriangle size={15} aria-hidden />
        required, not set up
      </span>
    )
  }
  return <span className={classes['dimmed']}>{kind === 'machine' ? '–' : 'off'}</span>
}

export function When({ at }: { at: string | null }) {
  return (
    <span className={classes['when']}>
      <RelativeTime at={at} />
    </span>
  )
}

export function UserFacts({ user, onSetPassword }: { user: UserDetails; onSetPassword: () => void }) {
  const reason = whyNotPassword(user, useSession())
  return (
    <Facts>
      <Fact label="Password">
        <span className={classes['passwordFact']}>
          {passwordWords(user)}
          {reason ? (
            <span className={classes['note']}>{reason}</span>
          ) : (
            <Button size="compact-sm" variant="subtle" onClick={onSetPassword}>
              Set password…
            </Button>
          )}
        </span>
      </Fact>
      {user.kind === 'person' && (
        <Fact label="Second factor">
          <SecondFactor user={user} />
        </Fact>
      )}
      <Fact label="Last sign-in">
        <RelativeTime at={user.lastSignInAt} />
      </Fact>
      <Fact label="Live connections">{user.connections ?? 'The broker does not answer.'}</Fact>
    </Facts>
  )
}

function passwordWords({ hasPassword, mustChangePassword }: User): string {
  if (!hasPassword) return 'None.'
  return mustChangePassword ? 'Set, must be changed at the next sign-in.' : 'Set.'
}
