/** The bounds of the broker, as the server's settings have them. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useSuspenseQuery } from '@tanstack/react-query'
import { formatNumber } from '../../messages/format.ts'
import { brokerQuery } from '../connections/live-state.tsx'

const mebibyte = 1024 * 1024

export function Limits() {
  const { limits } = useSuspenseQuery(brokerQuery).data
  const hours = Math.round(limits.sessionExpirySeconds / 3_600)
  const rows: readonly [string, string][] = [
    [t`Largest packet`, inMebibytes(limits.packetBytes)],
    [t`Levels of a topic`, formatNumber(limits.topicLevels)],
    [t`Connections, in all and of one user`, pair(limits.connections, limits.connectionsPerUser)],
    [t`Sessions, in all and of one user`, pair(limits.sessions, limits.sessionsPerUser)],
    [t`Time that a session outlives its connection`, plural(hours, { one: '# hour', other: '# hours' })],
    [t`Subscriptions of one session`, formatNumber(limits.subscriptions)],
    [t`Messages that wait for one session`, formatNumber(limits.queued)],
    [t`Their memory`, inMebibytes(limits.queuedBytes)],
    [t`Retained messages, in all and of one user`, pair(limits.retained, limits.retainedPerUser)],
    [t`Memory of all retained messages`, inMebibytes(limits.retainedBytes)],
    [t`Connects of one user per second`, formatNumber(limits.connectsPerSecond)],
    [t`Messages of one connection per second`, rate(limits.publishesPerSecond)],
    [t`Messages of one user per second`, rate(limits.publishesPerSecondOfUser)],
  ]
  return (
    <details>
      <summary>
        <Trans>Limits of the broker</Trans>
      </summary>
      <table aria-label={t`Limits of the broker`}>
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
  return `${formatNumber(one)}, ${formatNumber(other)}`
}

function rate(perSecond: number | null): string {
  return perSecond === null ? t`No limit` : formatNumber(perSecond)
}
