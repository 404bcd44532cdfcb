/** The limited authorities, and the users for whom they were confirmed. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'
import type { Confirmation } from '../../access/decision/authority-limits.ts'
import { usersById } from '../../identity/users/lookup-store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { StoredAuthority } from './store.ts'

export interface LimitedAuthority {
  fingerprint: string
  name: string
  /** Id of the user who limited it. That user may have been deleted. */
  limitedBy: string
  usernames: string[]
}

/** The trusted authorities that a user who is not an administrator limited. */
export async function listLimited(db: Db): Promise<LimitedAuthority[]> {
  const rows = await db
    .selectFrom('authorities as a')
    .innerJoin('authority_usernames as n', 'n.fingerprint', 'a.fingerprint')
    .select(['a.fingerprint', 'a.name', 'a.limited_by', 'n.glob'])
    .where('a.limited_by', 'is not', null)
    .where('a.withdrawn_at', 'is', null)
    .execute()
  return [...Map.groupBy(rows, ({ fingerprint }) => fingerprint)].map(([fingerprint, [first, ...others]]) => ({
    fingerprint,
    name: first?.name ?? '',
    limitedBy: first?.limited_by ?? '',
    usernames: [first, ...others].flatMap((row) => row?.glob ?? []),
  }))
}

export interface StoredConfirmation {
  fingerprint: string
  userId: string
  permissions: readonly Permission[]
  confirmedBy: string
  confirmedAt: string
}

/** Fingerprints of the authorities that were confirmed for any user. */
export async function listConfirmed(db: Db): Promise<Set<string>> {
  const rows = await db.selectFrom('authority_confirmations').select('fingerprint').distinct().execute()
  return new Set(rows.map(({ fingerprint }) => fingerprint))
}

/** By user id. */
export async function confirmationsOf(db: Db, userIds: readonly string[]): Promise<Map<string, Confirmation[]>> {
  const rows = await db
    .selectFrom('authority_confirmations')
    .select(['user_id', 'fingerprint', 'permissions'])
    .where('user_id', 'in', userIds)
    .execute()
  const byUser = Map.groupBy(rows, ({ user_id }) => user_id)
  return new Map([...byUser].map(([userId, own]) => [userId, own.map(toConfirmation)]))
}

/** Replaces an earlier confirmation for the same user. */
export async function keepConfirmation(trx: Trx, confirmation: StoredConfirmation): Promise<void> {
  const { fingerprint, userId, permissions, confirmedBy, confirmedAt } = confirmation
  const values = { permissions: JSON.stringify(permissions), confirmed_by: confirmedBy, confirmed_at: confirmedAt }
  await trx
    .insertInto('authority_confirmations')
    .values({ user_id: userId, fingerprint, ...values })
    .onConflict((conflict) => conflict.columns(['user_id', 'fingerprint']).doUpdateSet(values))
    .execute()
}

export async function dropConfirmation(trx: Trx, fingerprint: string, userId: string): Promise<void> {
  await trx
    .deleteFrom('authority_confirmations')
    .where('fingerprint', '=', fingerprint)
    .where('user_id', '=', userId)
    .execute()
}

/** After a limit was narrowed: deletes the confirmations of users outside it. */
export async function dropConfirmationsBeyond(
  trx: Trx,
  {
    certificate: { fingerprint },
    usernames,
  }: Pick<StoredAuthority, 'usernames'> & { certificate: { fingerprint: string } },
): Promise<void> {
  const confirmed = await trx
    .selectFrom('authority_confirmations')
    .select('user_id')
    .where('fingerprint', '=', fingerprint)
    .execute()
  const slice = 500
  for (let at = 0; at < confirmed.length; at += slice) {
    const ids = confirmed.slice(at, at + slice).map(({ user_id }) => user_id)
    for (const { id, username } of await usersById(trx, ids)) {
      if (!usernames.some((glob) => usernameMatches(glob, username))) await dropConfirmation(trx, fingerprint, id)
    }
  }
}

/** A person who covers all of its users set the limit: confirmations are no longer needed. */
export async function dropConfirmationsOf(trx: Trx, fingerprint: string): Promise<void> {
  await trx.deleteFrom('authority_confirmations').where('fingerprint', '=', fingerprint).execute()
}

function toConfirmation({ fingerprint, permissions }: { fingerprint: string; permissions: string }): Confirmation {
  // Only `keepConfirmation` writes it.
  return { authority: fingerprint, permissions: JSON.parse(permissions) as Permission[] }
}
