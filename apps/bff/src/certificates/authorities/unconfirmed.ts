/**
 * Finds the users that an authority does not vouch for because their permissions exceed those of the person who limited
 * it.
 */
import { coversAll } from '@gatehouse/contract/access/permission'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { covers, isConfirmed, type LimiterPermissions } from '../../access/decision/authority-limits.ts'
import type { Concerned, SeenBefore } from '../../access/roles/authority-limits-port.ts'
import {
  certificateUsers,
  isNotDisabledItself,
  type NamedUser,
  usersById,
  usersMatching,
} from '../../identity/users/lookup-store.ts'
import { permissionsOf, permissionsOfEach, permissionsOfUsers } from '../../identity/users/rights-store.ts'
import { holdersAmong } from '../../identity/users/role-holders-store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { confirmationsOf, type LimitedAuthority, listConfirmed, listLimited } from './confirmations-store.ts'

/** More users are not confirmed one by one: the caller takes over the limit instead. So the search stops here, too. */
export const mostConfirmed = 10_000

/** One authority and one user within its limit. */
export interface Pair {
  authority: LimitedAuthority
  user: NamedUser
}

export interface Found {
  /** The authority does not vouch for the user. */
  unconfirmed: Map<string, Pair>
  /** It vouches because it was confirmed. */
  confirmed: Map<string, Pair>
  /** Confirmations without effect: not needed, or no longer enough. */
  outdated: Map<string, Pair>
  /** Users who limited an authority and whose permissions the change affects. */
  limiters: Set<string>
}

export function keyOf({ authority, user }: Pair): string {
  return `${authority.fingerprint} ${user.id}`
}

/** `before`: what was found before the change, if the change was made already. */
export async function findUnconfirmed(trx: Trx, concerned: Concerned, before?: SeenBefore): Promise<Found> {
  const found: Found = { unconfirmed: new Map(), confirmed: new Map(), outdated: new Map(), limiters: new Set() }
  const limited = await listLimited(trx)
  if (limited.length === 0) return found
  const ceilings = await readCeilings(trx, limited)
  found.limiters = new Set([...(await limitersAmong(trx, concerned, limited)), ...(before?.limiters ?? [])])
  const isMoved = ({ limitedBy }: LimitedAuthority) => found.limiters.has(limitedBy)
  const judged = { ceilings, found, confirmed: await listConfirmed(trx) }
  for (const authority of limited.filter(isMoved)) {
    for await (const users of usersMatching(trx, authority.usernames)) {
      await judge(trx, { ...judged, users, authorities: [authority] })
      if (found.unconfirmed.size > mostConfirmed) return found
    }
  }
  const others = limited.filter((each) => !isMoved(each) && mayDiffer(concerned, ceilings.get(each.fingerprint) ?? []))
  for await (const users of usersOf(trx, concerned, others)) {
    await judge(trx, { ...judged, users, authorities: others })
    if (found.unconfirmed.size > mostConfirmed) return found
  }
  return found
}

/** The current permissions of each person who limited one of these. None if the person was deleted or disabled. */
export async function readCeilings(
  db: Db,
  limited: readonly Pick<LimitedAuthority, 'fingerprint' | 'limitedBy'>[],
): Promise<LimiterPermissions> {
  const byUser = new Map<string, Awaited<ReturnType<typeof permissionsOf>>>()
  for (const userId of new Set(limited.map(({ limitedBy }) => limitedBy))) {
    byUser.set(userId, (await isNotDisabledItself(db, userId)) ? await permissionsOf(db, userId) : [])
  }
  return new Map(limited.map(({ fingerprint, limitedBy }) => [fingerprint, byUser.get(limitedBy) ?? []]))
}

/** A role whose permissions the limiting person also has makes no difference. */
function mayDiffer(concerned: Concerned, ceiling: Parameters<typeof covers>[0]): boolean {
  return 'users' in concerned || !covers(ceiling, concerned.permissions)
}

async function limitersAmong(
  trx: Trx,
  concerned: Concerned,
  limited: readonly LimitedAuthority[],
): Promise<Set<string>> {
  const limiters = [...new Set(limited.map(({ limitedBy }) => limitedBy))]
  if ('users' in concerned) return new Set(limiters.filter((id) => concerned.users.includes(id)))
  return holdersAmong(trx, limiters, concerned.holdersOf)
}

/** In slices. Users without a certificate grant are skipped: no authority can admit them. */
async function* usersOf(
  trx: Trx,
  concerned: Concerned,
  asked: readonly LimitedAuthority[],
): AsyncGenerator<NamedUser[]> {
  if ('users' in concerned) {
    const atOnce = 500
    for (let at = 0; at < concerned.users.length; at += atOnce) {
      yield usersById(trx, concerned.users.slice(at, at + atOnce))
    }
    return
  }
  const globs = asked.flatMap(({ usernames }) => usernames)
  for await (const users of usersMatching(trx, globs)) {
    const holders = await holdersAmong(trx, idsOf(users), concerned.holdersOf)
    yield users.filter(({ id }) => holders.has(id))
  }
}

interface Judged {
  /** Fingerprints of authorities that were confirmed for any user. */
  confirmed: ReadonlySet<string>
  users: readonly NamedUser[]
  authorities: readonly LimitedAuthority[]
  ceilings: LimiterPermissions
  found: Found
}

async function judge(trx: Trx, { users, authorities, ceilings, confirmed, found }: Judged): Promise<void> {
  const isKnown = authorities.some(({ fingerprint }) => confirmed.has(fingerprint))
  if (!isKnown && (await areCovered(trx, users, authorities, ceilings))) return
  const yieldIfDue = createYielder()
  const pairs: Pair[] = []
  for (const user of users) {
    const fitting = authorities.filter(({ usernames }) =>
      usernames.some((glob) => usernameMatches(glob, user.username)),
    )
    pairs.push(...fitting.map((authority) => ({ authority, user })))
    await yieldIfDue()
  }
  if (pairs.length === 0) return
  const ids = [...new Set(pairs.map(({ user }) => user.id))]
  const eligible = await certificateUsers(trx, ids)
  const rights = await permissionsOfUsers(trx, ids)
  const confirmations = await confirmationsOf(trx, ids)
  for (const pair of pairs) {
    const { authority, user } = pair
    const own = { permissions: rights.get(user.id) ?? [], confirmations: confirmations.get(user.id) ?? [] }
    const isKept = own.confirmations.some((each) => each.authority === authority.fingerprint)
    const isBeyond = eligible.has(user.id) && !covers(ceilings.get(authority.fingerprint) ?? [], own.permissions)
    const isGood = isBeyond && isConfirmed(authority.fingerprint, own)
    if (isGood) found.confirmed.set(keyOf(pair), pair)
    else if (isBeyond) found.unconfirmed.set(keyOf(pair), pair)
    if (isKept && !isGood) found.outdated.set(keyOf(pair), pair)
    await yieldIfDue()
  }
}

/**
 * Does each of these ceilings cover all of these users? Checked first: it is usually true and takes a fifth of the
 * time.
 */
async function areCovered(
  trx: Trx,
  users: readonly NamedUser[],
  authorities: readonly LimitedAuthority[],
  ceilings: LimiterPermissions,
): Promise<boolean> {
  if (users.length === 0) return true
  for await (const permissions of permissionsOfEach(trx, oneSlice(idsOf(users)))) {
    if (!authorities.every(({ fingerprint }) => coversAll(ceilings.get(fingerprint) ?? [], permissions))) return false
  }
  return true
}

async function* oneSlice(ids: string[]): AsyncGenerator<string[]> {
  yield ids
}

function idsOf(users: readonly NamedUser[]): string[] {
  return users.map(({ id }) => id)
}
