/**
 * Rule: to let an authority vouch for a user, or to end that, the caller must cover the user.
 * An authority can issue a certificate for any user it vouches for, and without it a user may lose access.
 * Administrators cover everyone.
 */
import { coversAll, everything } from '@gatehouse/contract/access/permission'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'
import { requireCover } from '../../access/roles/limits.ts'
import { usersMatching } from '../../identity/users/lookup-store.ts'
import { permissionsOfEach } from '../../identity/users/rights-store.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'

type Covering = Pick<Caller, 'permissions'>

/** Whom an authority may vouch for: every user, or those whose names match one of the globs. */
export type Vouched = 'everybody' | readonly string[]

/** The scope of an authority before a change and after it. */
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

/** Throws `limit_required` if a limit is needed, and `above_caller` if the scope contains a user beyond the caller. */
export async function requireRightToVouch(trx: Trx, caller: Covering, usernames: readonly string[]): Promise<void> {
  if (isAdministrator(caller)) return
  if (usernames.length === 0) throw new Problem('limit_required')
  await requireCoverOf(trx, caller, { before: usernames, after: [] })
}

/**
 * Throws `above_caller` unless the caller covers each user that the authority could vouch for and no longer can. Other
 * authorities that vouch for the user do not count: they may be deleted tomorrow.
 */
export async function requireCoverOf(trx: Trx, caller: Covering, { before, after }: Loss): Promise<void> {
  if (isAdministrator(caller) || after === 'everybody') return
  if (before === 'everybody') throw new Problem('above_caller')
  for await (const permissions of permissionsOfEach(trx, losing(trx, before, after))) {
    requireCover(caller.permissions, permissions)
  }
}

/** Yields their ids in slices. */
async function* losing(trx: Trx, before: readonly string[], after: readonly string[]): AsyncGenerator<string[]> {
  const keeps = (username: string) => after.some((glob) => usernameMatches(glob, username))
  for await (const users of usersMatching(trx, before)) {
    const lost = users.filter(({ username }) => !keeps(username)).map(({ id }) => id)
    if (lost.length > 0) yield lost
  }
}
