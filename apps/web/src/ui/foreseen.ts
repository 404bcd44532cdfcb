/** What a change would end on brokers beside the embedded one. */
import type { BrokerImpact } from '@gatehouse/contract/base'
import { plural, t } from '@lingui/core/macro'

/** The embedded broker is the first. What ends there is said by each page in its own words. */
export function foreseenElsewhere([, ...others]: readonly BrokerImpact[]): string[] {
  return others.flatMap((each) => endsWords(each) ?? [])
}

/** For users who lose all access: where they can connect nevertheless. */
export function admittedElsewhere([, ...others]: readonly BrokerImpact[]): string[] {
  return others
    .filter(({ admitsWithoutRights }) => admitsWithoutRights)
    .map(
      ({ name }) =>
        t`On ${name} a disabled user can still connect with a certificate, but can neither publish nor subscribe.`,
    )
}

/** True if connections end on any broker, or may end. */
export function endsAnywhere(brokers: readonly BrokerImpact[]): boolean {
  return brokers.some(({ ends }) => ends !== 'nothing')
}

function endsWords({ name, ends, connections }: BrokerImpact): string | null {
  if (ends === 'nothing') return null
  if (ends === null) return t`${name} does not respond. The change takes effect there later, and what ends is unknown.`
  if (ends === 'all') return t`On ${name} all connections end once. Clients that are still trusted connect again.`
  if (connections === null)
    return t`On ${name} existing connections of these users end. The broker does not report how many.`
  return plural(connections, { one: `On ${name} # connection ends.`, other: `On ${name} # connections end.` })
}
