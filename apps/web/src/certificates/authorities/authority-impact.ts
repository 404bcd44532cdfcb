/** What a change of an authority would end. A number that could not be counted is always mentioned. */

import type { AuthorityImpact } from '@gatehouse/contract/certificates/impact'
import { plural, t } from '@lingui/core/macro'
import { formatNumber } from '../../messages/format.ts'
import { connectionsEnd } from '../../ui/consequences.ts'
import { foreseenElsewhere } from '../../ui/foreseen.ts'

export interface ImpactLine {
  text: string
  names: readonly string[]
}

export const awayNotCounted = t`The number of users who lose access is unknown, because counting took too long.`
const liveNotCounted = t`The broker did not respond, so the number of connections that end is unknown.`

/** Nothing where nothing ends. */
export function limitLines(impact: AuthorityImpact): ImpactLine[] {
  const { connections, connectionsByBroker, usernames, lastAdmitted } = impact
  const lines: ImpactLine[] = []
  if (connections === null) lines.push({ text: liveNotCounted, names: [] })
  else if (connections > 0)
    lines.push({ text: `${formatNumber(connections)} ${connectionsEnd(connections)}:`, names: usernames })
  lines.push(...foreseenElsewhere(connectionsByBroker).map((text) => ({ text, names: [] })))
  if (lastAdmitted === null) lines.push({ text: awayNotCounted, names: [] })
  else if (lastAdmitted.cutOff > 0) {
    const text = plural(lastAdmitted.cutOff, { one: '# user loses access:', other: '# users lose access:' })
    lines.push({ text, names: lastAdmitted.usernames })
  }
  return lines
}
