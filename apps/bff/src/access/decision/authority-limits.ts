/**
 * Limits of CAs on usernames. A person with limited rights may trust a CA for some usernames. The CA then identifies a user only while
 * that person has at least the user's rights, or after a confirmation. The reason: a username says nothing about rights that the user
 * gets later. Called by the broker, *Check a certificate*, the previews and the API.
 */
import { coversAll, type Permission } from '@gatehouse/contract/access/permission'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'

/** By fingerprint of a CA: the permissions of the person who limited it. CAs without a limit, or with one of an administrator, are missing. */
export type LimiterPermissions = ReadonlyMap<string, readonly Permission[]>

/** The CA was confirmed for a user as long as the user has no more than these permissions. */
export interface Confirmation {
  authority: string
  permissions: readonly Permission[]
}

/** What the limits of CAs depend on. */
export interface LimitedUser {
  /** All permissions, of the console and of MQTT. */
  permissions: readonly Permission[]
  confirmations: readonly Confirmation[]
}

/** One path of certificates: the CA at its end, and every limit on it. */
export interface LimitedPath {
  authority: string
  limits: readonly { authority: string; usernames: readonly string[] }[]
}

export type PathVerdict = 'allowed' | 'beyond_limit' | 'unconfirmed'

/** May a certificate with this path name the user? `user` is null where no such user exists: then only the username counts. */
export function judgePath(
  path: LimitedPath,
  username: string,
  { user, ceilings }: { user: LimitedUser | null; ceilings: LimiterPermissions },
): PathVerdict {
  let verdict: PathVerdict = 'allowed'
  for (const { authority, usernames } of path.limits) {
    const isCovered = user === null || covers(ceilings.get(authority) ?? null, user.permissions)
    const isOwn = authority === path.authority
    // This limit belongs to another CA with the same key. It does not apply to users with more rights than the person who set it,
    // because that person must not lock them out.
    if (!isOwn && !isCovered) continue
    if (!usernames.some((glob) => usernameMatches(glob, username))) return 'beyond_limit'
    if (!isCovered && !isConfirmed(authority, user)) verdict = 'unconfirmed'
  }
  return verdict
}

/** The best verdict of several paths, and the first path that has it. */
export function choosePath<P extends LimitedPath>(
  paths: readonly P[],
  username: string,
  facts: { user: LimitedUser | null; ceilings: LimiterPermissions },
): { verdict: 'allowed'; path: P } | { verdict: Exclude<PathVerdict, 'allowed'>; path: null } {
  const verdicts = paths.map((path) => judgePath(path, username, facts))
  const path = paths[verdicts.indexOf('allowed')]
  if (path) return { verdict: 'allowed', path }
  return { verdict: verdicts.includes('unconfirmed') ? 'unconfirmed' : 'beyond_limit', path: null }
}

export function isConfirmed(authority: string, { permissions, confirmations }: LimitedUser): boolean {
  return confirmations.some((each) => each.authority === authority && coversAll(each.permissions, permissions))
}

const rememberedPerCeiling = 1_000
/** Longer rights are compared each time. */
const rememberedLength = 16_384
const answers = new WeakMap<readonly Permission[], Map<string, boolean>>()

/** Does the ceiling cover the rights? Remembered, because thousands of devices have the same rights. */
export function covers(ceiling: readonly Permission[] | null, rights: readonly Permission[]): boolean {
  if (ceiling === null || rights.length === 0) return true
  const known = answers.get(ceiling) ?? new Map<string, boolean>()
  answers.set(ceiling, known)
  const key = JSON.stringify(rights.map(({ context, operation, resource }) => [context, operation, resource]))
  const answer = known.get(key) ?? coversAll(ceiling, rights)
  if (key.length > rememberedLength) return answer
  if (known.size >= rememberedPerCeiling) known.clear()
  known.set(key, answer)
  return answer
}
