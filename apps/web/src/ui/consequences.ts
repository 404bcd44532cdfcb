/** What a change ended, in numbers. */
import type { BrokerResult } from '@gatehouse/contract/base'
import { plural, t } from '@lingui/core/macro'

interface Ended {
  /** Null: a broker did not confirm in time. */
  disconnected: number | null
  /** The embedded broker is the first. */
  disconnectedByBroker?: readonly BrokerResult[]
}

/** Nothing is said of nothing. With several brokers, what each of them did. */
export function disconnectedWords({ disconnected, disconnectedByBroker = [] }: Ended): string {
  const [own, ...others] = disconnectedByBroker
  if (!own || others.length === 0) return ownWords(disconnected)
  return [ownWords(own.disconnected), ...others.map(otherWords)].filter(Boolean).join(' ')
}

function otherWords({ name, confirmed, disconnected }: BrokerResult): string {
  if (!confirmed) return t`${name} has not confirmed yet.`
  if (disconnected === null || disconnected === 0) return t`${name} has applied it.`
  return plural(disconnected, { one: `${name}: # connection ended.`, other: `${name}: # connections ended.` })
}

function ownWords(disconnected: number | null): string {
  if (disconnected === null) return t`The broker has not confirmed yet.`
  if (disconnected === 0) return ''
  return plural(disconnected, { one: '# connection ended.', other: '# connections ended.' })
}

export function endedSessions(ended: number): string {
  if (ended === 0) return t`No sessions were open.`
  return plural(ended, { one: '# session ended.', other: '# sessions ended.' })
}

/** Follows the number of connections, which is null where it is not known. */
export function connectionsEnd(count: number | null): string {
  return plural(count ?? 0, { one: 'live connection ends', other: 'live connections end' })
}
