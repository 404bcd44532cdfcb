/** What a change of an authority would end. A number that could not be counted is always mentioned. */

import type { AuthorityImpact } from '@gatehouse/contract/certificates/impact'
import { t } from '@lingui/core/macro'
import { formatNumber } from '../../messages/format.ts'

export interface ImpactLine {
  text: string
  names: readonly string[]
}

export const awayNotCounted = t`How many users lose their way in is not known: those who came in last by it could not all be counted in time.`
const liveNotCounted = t`The broker does not answer: how many connections this ends is not known.`

/** Nothing where nothing ends. */
export function limitLines({ connections, usernames, lastAdmitted }: AuthorityImpact): ImpactLine[] {
  const lines: ImpactLine[] = []
  if (connections === null) lines.push({ text: liveNotCounted, names: [] })
  else if (connections > 0)
    lines.push({ text: `${counted(connections, t`live connection ends`, t`live connections end`)}:`, names: usernames })
  if (lastAdmitted === null) lines.push({ text: awayNotCounted, names: [] })
  else if (lastAdmitted.cutOff > 0) {
    const text = `${counted(lastAdmitted.cutOff, t`user loses the way in`, t`users lose their way in`)}:`
    lines.push({ text, names: lastAdmitted.usernames })
  }
  return lines
}

function counted(count: number, one: string, many: string): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}
