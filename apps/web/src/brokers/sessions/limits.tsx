/** The bounds of the broker, as the server's settings have them. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { formatNumber } from '../../messages/format.ts'
import classes from '../broker.module.css'
import { brokerQuery } from '../connections/live-state.tsx'

const mebibyte = 1024 * 1024

export function Limits() {
  const { limits } = useSuspenseQuery(brokerQuery).data
  const hours = Math.round(limits.sessionExpirySeconds / 3_600)
  const rows: readonly [string, string][] = [
    [t`Maximum packet size`, inMebibytes(limits.packetBytes)],
    [t`Topic levels`, formatNumber(limits.topicLevels)],
    [t`Connections, in total and per user`, pair(limits.connections, limits.connectionsPerUser)],
    [t`Sessions, in total and per user`, pair(limits.sessions, limits.sessionsPerUser)],
    [t`Session expiry after the connection`, plural(hours, { one: '# hour', other: '# hours' })],
    [t`Subscriptions per session`, formatNumber(limits.subscriptions)],
    [t`Waiting messages per session`, formatNumber(limits.queued)],
    [
      t`Memory of waiting messages, per session, per user and in total`,
      [limits.queuedBytes, limits.queuedBytesPerUser, limits.queuedBytesInAll].map(inMebibytes).join(' / '),
    ],
    [t`Retained messages, in total and per user`, pair(limits.retained, limits.retainedPerUser)],
    [
      t`Memory of retained messages, in total and per user`,
      [limits.retainedBytes, limits.retainedBytesPerUser].map(inMebibytes).join(' / '),
    ],
    [t`Connects per user and second`, formatNumber(limits.connectsPerSecond)],
    [t`Messages per connection and second`, rate(limits.publishesPerSecond)],
    [t`Messages per user and second`, rate(limits.publishesPerSecondOfUser)],
  ]
  return (
    <details className={classes['limits']}>
      <summary>
        <Trans>Broker limits</Trans>
      </summary>
      <table aria-label={t`Broker limits`}>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

function inMebibytes(bytes: number): string {
  const amount = formatNumber(bytes / mebibyte)
  return t`${amount} MiB`
}

function pair(one: number, other: number): string {
  return `${formatNumber(one)} / ${formatNumber(other)}`
}

function rate(perSecond: number | null): string {
  return perSecond === null ? t`Unlimited` : formatNumber(perSecond)
}
