/**
 * Rule: an authority that somebody limited vouches only for users whom that person covers now, or for whom it was confirmed. A limit
 * names users by their names, and a name says nothing about rights that its user gets later. Pure: the broker, *Check a certificate*,
 * the previews and the API all ask this.
 */
import { coversAll, type Permission } from '@gatehouse/contract/access/permission'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'

/** By fingerprint of an authority: what the person who limited it may do. Not there: an administrator limited it, or nobody did. */
export type Ceilings = ReadonlyMap<string, readonly Permission[]>

/** For a user with these permissions at most, the authority was confirmed. */
export interface Confirmation {
  authority: string
  permissions: readonly Permission[]
}

/** What the rule asks of a user. */
export interface VouchedUser {
  /** All, of the console and of MQTT. */
  rights: readonly Permission[]
  confirmations: readonly Confirmation[]
}

/** One way in: the authority at its end, and every limit on it. */
export interface Way {
  authority: string
  limits: readonly { authority: string; usernames: readonly string[] }[]
}

export type WayVerdict = 'vouched' | 'beyond_limit' | 'unconfirmed'

/** May the user come in this way? `user` null: there is none, so only the name counts. */
export function judgeWay(
  way: Way,
  username: string,
  { user, ceilings }: { user: VouchedUser | null; ceilings: Ceilings },
): WayVerdict {
  let verdict: WayVerdict = 'vouched'
  for (const { authority, usernames } of way.limits) {
    const isCovered = user === null || covers(ceilings.get(authority) ?? null, user.rights)
    const isOwn = authority === way.authority
    // It came with the key of another authority. Nobody loses access by the limit of a person who does not cover them.
    if (!isOwn && !isCovered) continue
    if (!usernames.some((glob) => usernameMatches(glob, username))) return 'beyond_limit'
    if (!isCovered && !isConfirmed(authority, user)) verdict = 'unconfirmed'
  }
  return verdict
}

/** The best verdict of several ways, and the first way that has it. */
export function chooseWay<W extends Way>(
  ways: readonly W[],
  username: string,
  facts: { user: VouchedUser | null; ceilings: Ceilings },
): { verdict: 'vouched'; way: W } | { verdict: Exclude<WayVerdict, 'vouched'>; way: null } {
  const verdicts = ways.map((way) => judgeWay(way, username, facts))
  const way = ways[verdicts.indexOf('vouched')]
  if (way) return { verdict: 'vouched', way }
  return { verdict: verdicts.includes('unconfirmed') ? 'unconfirmed' : 'beyond_limit', way: null }
}

export function isConfirmed(authority: string, { rights, confirmations }: VouchedUser): boolean {
  return confirmations.some((each) => each.authority === authority && coversAll(each.permissions, rights))
}

const rememberedPerCeiling = 1_000
const answers = new WeakMap<readonly Permission[], Map<string, boolean>>()

/** Thousands of devices have the same rights: compared once for each ceiling. */
export function covers(ceiling: readonly Permission[] | null, rights: readonly Permission[]): boolean {
  if (ceiling === null || rights.length === 0) return true
  const known = answers.get(ceiling) ?? new Map<string, boolean>()
  answers.set(ceiling, known)
  const key = JSON.stringify(rights.map(({ context, operation, resource }) => [context, operation, resource]))
  const answer = known.get(key) ?? coversAll(ceiling, rights)
  if (known.size >= rememberedPerCeiling) known.clear()
  known.set(key, answer)
  return answer
}
