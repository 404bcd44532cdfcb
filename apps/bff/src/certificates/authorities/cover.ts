/**
 * Rule: who lets an authority vouch for a user, or takes that away, must cover the user (security rules 7 and 15). An authority can make
 * anybody for whom it may vouch; without it, they may lose access. Administrators cover everybody.
 */
import { coversAll, everything } from '@gatehouse/contract/access/permission'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'
import { permissionsOfEach } from '../../access/roles/holders-store.ts'
import { requireCover } from '../../access/roles/limits.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import { usersMatching } from './matching-users-store.ts'

type Covering = Pick<Caller, 'permissions'>

/** For whom an authority may vouch: everybody, or users that one of the globs matches. */
export type Vouched = 'everybody' | readonly string[]

/** What an authority could do before a change, and what is left of it. */
export interface Loss {
  before: Vouched
  after: Vouched
}

export function vouchedBy({
  usernames,
  withdrawnAt,
}: {
  usernames: readonly string[]
  withdrawnAt: string | null
}): Vouched {
  if (withdrawnAt !== null) return []
  return usernames.length === 0 ? 'everybody' : usernames
}

export function isAdministrator({ permissions }: Covering): boolean {
  return coversAll(permissions, everything)
}

/** Throws `limit_required` without a limit, and `above_caller` where it reaches a user beyond the caller. */
export async function requireRightToVouch(trx: Trx, caller: Covering, usernames: readonly string[]): Promise<void> {
  if (isAdministrator(caller)) return
  if (usernames.length === 0) throw new Problem('limit_required')
  await requireCoverOf(trx, caller, { before: usernames, after: [] })
}

/**
 * Throws `above_caller` unless the caller covers each user for whom the authority could vouch and no longer can. Whether another
 * authority still vouches for that user is not asked: it may be gone tomorrow.
 */
export async function requireCoverOf(trx: Trx, caller: Covering, { before, after }: Loss): Promise<void> {
  if (isAdministrator(caller) || after === 'everybody') return
  if (before === 'everybody') throw new Problem('above_caller')
  for await (const permissions of permissionsOfEach(trx, losing(trx, before, after))) {
    requireCover(caller.permissions, permissions)
  }
}

/** Their ids, in slices. */
async function* losing(trx: Trx, before: readonly string[], after: readonly string[]): AsyncGenerator<string[]> {
  const keeps = (username: string) => after.some((glob) => usernameMatches(glob, username))
  for await (const users of usersMatching(trx, before)) {
    const lost = users.filter(({ username }) => !keeps(username)).map(({ id }) => id)
    if (lost.length > 0) yield lost
  }
}
