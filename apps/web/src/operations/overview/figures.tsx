/** How many there are, and who was here last: numbers that need no line. */

import { users } from '@gatehouse/contract/identity/users'
import type { Overview } from '@gatehouse/contract/operations/overview'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Link, type LinkProps } from '@tanstack/react-router'
import { useSession } from '../../api/session.ts'
import { toAdmissionsSince, toUser, toUsersByLastSignIn } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { Section } from '../../ui/section.tsx'
import classes from './overview.module.css'

export function Figures({ overview: { users: ofUsers, authorities, broker, admissions } }: { overview: Overview }) {
  return (
    <Section title={t`At a glance`}>
      <ul className={classes['figures']}>
        {ofUsers && (
          <Figure
            count={ofUsers.total}
            what={plural(ofUsers.total ?? 0, { one: 'user', other: 'users' })}
            link={{ to: '/users' }}
          />
        )}
        {authorities && (
          <Figure
            count={authorities.total}
            what={plural(authorities.total ?? 0, { one: 'CA', other: 'CAs' })}
            link={{ to: '/authorities' }}
          />
        )}
        {broker && (
          <Figure
            count={broker.connections}
            what={plural(broker.connections ?? 0, { one: 'live connection', other: 'live connections' })}
            link={{ to: '/broker/connections' }}
          />
        )}
        {admissions && admissions.count > 0 && (
          <Figure
            count={admissions.count}
            what={plural(admissions.count, {
              one: 'device admitted by a rule in 24 hours',
              other: 'devices admitted by rules in 24 hours',
            })}
            link={toAdmissionsSince(admissions.since)}
          />
        )}
      </ul>
      {broker && (
        <ul className={classes['listeners']} aria-label={t`Broker addresses`}>
          {broker.listeners.map(({ name, address, port }) => (
            <li key={name}>
              <Machine>{`${name}://${address.includes(':') ? `[${address}]` : address}:${port}`}</Machine>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

interface FigureProps {
  /** Null: the broker does not answer. */
  count: number | null
  /** Follows the number. */
  what: string
  link: LinkProps
}

function Figure({ count, what, link }: FigureProps) {
  return (
    <li>
      <Link {...link}>
        <strong>{count === null ? '–' : formatNumber(count)}</strong> {what}
      </Link>
    </li>
  )
}

type SignIn = NonNullable<Overview['users']>['lastSignIns'][number]

export function LastSignIns({ of }: { of: readonly SignIn[] }) {
  const { can } = useSession()
  return (
    <Section title={t`Last sign-ins`}>
      {of.length === 0 && (
        <p className={classes['none']}>
          <Trans>None yet.</Trans>
        </p>
      )}
      <ol className={classes['signIns']}>
        {of.map(({ id, username, kind, at }) => {
          const name = kind === 'machine' ? <Machine>{username}</Machine> : username
          return (
            <li key={id}>
              {can(users.view, { id }) ? <Link {...toUser(id)}>{name}</Link> : <span>{name}</span>}
              <RelativeTime at={at} />
            </li>
          )
        })}
      </ol>
      {of.length > 0 && (
        <Link {...toUsersByLastSignIn()}>
          <Trans>View all users</Trans>
        </Link>
      )}
    </Section>
  )
}
