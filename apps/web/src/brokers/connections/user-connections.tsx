/** The live connections of one user, kept up to date. */

import { broker, type Connection } from '@gatehouse/contract/brokers/broker'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { methodWords } from '../../access/decision/refusal-words.ts'
import { queryFor } from '../../api/queries.ts'
import { toConnections } from '../../links.ts'
import { formatNumber } from '../../messages/format.ts'
import { Machine, StatusBadge } from '../../ui/badges.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { Section } from '../../ui/section.tsx'
import classes from '../broker.module.css'
import { protocolWords } from './protocol-words.ts'
import { TrafficLine } from './traffic.tsx'

export interface ConnectedUser {
  id: string
  username: string
}

const shownAtMost = 5
const everyMs = 5_000

/** The search finds parts of names and addresses too: use `isOf` on what it answers. */
export function connectionsOf({ username }: ConnectedUser) {
  return { ...queryFor(broker.connections, { search: { search: username } }), refetchInterval: everyMs }
}

export function isOf({ id }: ConnectedUser): (of: { userId: string | null }) => boolean {
  return ({ userId }) => userId === id
}

export function UserConnections({ user }: { user: ConnectedUser }) {
  const { data } = useSuspenseQuery(connectionsOf(user))
  const connections = data.items.filter(isOf(user))
  return (
    <Section
      title={t`Live connections`}
      actions={
        connections.length > 0 && (
          <Link {...toConnections(user.username)}>
            <Trans>View in Connections</Trans>
          </Link>
        )
      }
      empty={connections.length === 0 && t`Not connected.`}
    >
      <ul className={classes['connectionLines']} aria-label={t`Live connections`}>
        {connections.slice(0, shownAtMost).map((connection) => (
          <li key={connection.id}>
            <ConnectionLine connection={connection} />
          </li>
        ))}
      </ul>
      {connections.length > shownAtMost && (
        <p className={classes['more']}>
          <Trans>{formatNumber(connections.length - shownAtMost)} more</Trans>
        </p>
      )}
    </Section>
  )
}

function ConnectionLine({ connection }: { connection: Connection }) {
  const { clientId, protocol, method, address, listener, since, subscriptions } = connection
  return (
    <>
      <div>
        <StatusBadge status="valid">
          <Trans>connected</Trans>
        </StatusBadge>{' '}
        {protocol === 'http' ? protocolWords.http : <Machine>{clientId}</Machine>}
      </div>
      <div className={classes['circumstances']}>
        <span>{methodWords[method]}</span>
        <span>
          {listener} <Machine>{address}</Machine>
        </span>
        {protocol === 'mqtt' && (
          <span>{plural(subscriptions, { one: '# subscription', other: '# subscriptions' })}</span>
        )}
        <span>
          <Trans>
            connected <RelativeTime at={since} />
          </Trans>
        </span>
      </div>
      <TrafficLine connection={connection} />
    </>
  )
}
