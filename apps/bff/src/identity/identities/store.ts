/** The identities of users at identity providers. */
import type { LinkedIdentity } from '@gatehouse/contract/identity/identities'
import type { Selectable } from 'kysely'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { UserIdentitiesTable } from '../../platform/db/schema-identities.ts'

export type IdentityRow = Selectable<UserIdentitiesTable>

export async function insertIdentity(trx: Trx, row: IdentityRow): Promise<void> {
  await trx.insertInto('user_identities').values(row).execute()
}

/** The identity with this subject at the provider. */
export async function findIdentity(
  db: Db,
  { providerId, subject }: { providerId: string; subject: string },
): Promise<IdentityRow | null> {
  // No subject has this character, and PostgreSQL rejects it in a text.
  if (subject.includes('\0')) return null
  const row = await db
    .selectFrom('user_identities')
    .selectAll()
    .where('provider_id', '=', providerId)
    .where('subject', '=', subject)
    .executeTakeFirst()
  return row ?? null
}

/** The identities of these subjects, a few hundred at most. */
export async function findIdentities(
  db: Db,
  { providerId, subjects }: { providerId: string; subjects: readonly string[] },
): Promise<IdentityRow[]> {
  if (subjects.length === 0) return []
  const known = db.selectFrom('user_identities').selectAll().where('provider_id', '=', providerId)
  return known.where('subject', 'in', subjects).execute()
}

/** Notes when the provider named these persons. */
export async function markSeen(trx: Trx, ids: readonly string[], at: string): Promise<void> {
  if (ids.length === 0) return
  await trx.updateTable('user_identities').set({ last_seen_at: at }).where('id', 'in', ids).execute()
}

/** Identities that the provider has not named since, unless their users were disabled because of it. */
export async function listUnseenSince(
  db: Db,
  { providerId, since, after, limit }: { providerId: string; since: string; after: string; limit: number },
): Promise<IdentityRow[]> {
  const known = db.selectFrom('user_identities').selectAll().where('provider_id', '=', providerId)
  return known
    .where((e) => e.or([e('last_seen_at', 'is', null), e('last_seen_at', '<', since)]))
    .where('disabled_at', 'is', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
}

export async function findIdentityById(db: Db, id: string): Promise<IdentityRow | null> {
  return (await db.selectFrom('user_identities').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
}

/** The identity of the user at this provider. */
export async function findIdentityOfUser(
  db: Db,
  { userId, providerId }: { userId: string; providerId: string },
): Promise<IdentityRow | null> {
  const own = db.selectFrom('user_identities').selectAll().where('user_id', '=', userId)
  return (await own.where('provider_id', '=', providerId).executeTakeFirst()) ?? null
}

/** The identity through which the user came here. Null for a local user. */
export async function findOrigin(db: Db, userId: string): Promise<IdentityRow | null> {
  const own = db.selectFrom('user_identities').selectAll().where('user_id', '=', userId)
  return (await own.where('is_origin', '=', 1).executeTakeFirst()) ?? null
}

/** The name at the provider that the user comes from. Null for a local user, of whom nothing is read. */
export async function findNameThere(
  db: Db,
  user: { id: string; identity_provider: string } | null,
): Promise<string | null> {
  if (!user || user.identity_provider === 'local') return null
  return (await findOrigin(db, user.id))?.label ?? null
}

export async function listIdentitiesOf(db: Db, userId: string): Promise<LinkedIdentity[]> {
  const rows = await db
    .selectFrom('user_identities as own')
    .innerJoin('identity_providers as provider', 'provider.id', 'own.provider_id')
    .select(['own.id', 'own.label as person', 'own.is_origin', 'own.linked_at'])
    .select(['own.last_seen_at', 'own.last_provider_sign_in_at'])
    .select(['provider.id as provider_id', 'provider.kind', 'provider.name', 'provider.label', 'provider.disabled_at'])
    .select('provider.password_url')
    .where('own.user_id', '=', userId)
    .orderBy('own.is_origin', 'desc')
    .orderBy('provider.name')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    provider: {
      id: row.provider_id,
      kind: row.kind,
      name: row.name,
      label: row.label,
      enabled: row.disabled_at === null,
      passwordUrl: row.password_url,
    },
    label: row.person,
    isOrigin: row.is_origin === 1,
    linkedAt: row.linked_at,
    lastSeenAt: row.last_seen_at,
    lastSignInAt: row.last_provider_sign_in_at,
  }))
}

/** Writes what the provider says of the person now. */
export async function updateIdentity(
  trx: Trx,
  id: string,
  seen: Partial<Omit<IdentityRow, 'id' | 'user_id' | 'provider_id' | 'subject' | 'is_origin' | 'linked_at'>>,
): Promise<void> {
  await trx.updateTable('user_identities').set(seen).where('id', '=', id).execute()
}

/** The sessions that began with it end too. */
export async function deleteIdentity(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('user_identities').where('id', '=', id).execute()
}

/**
 * An administrator decided whether these users are disabled, a few hundred at most: the provider does not enable them again.
 * Returns the ids of the users whom the provider had disabled.
 */
export async function forgetDisabling(trx: Trx, userIds: readonly string[]): Promise<string[]> {
  const rows = await trx
    .updateTable('user_identities')
    .set({ disabled_at: null })
    .where('user_id', 'in', userIds)
    .where('disabled_at', 'is not', null)
    .returning('user_id')
    .execute()
  return rows.map(({ user_id }) => user_id)
}

/** Identities of a provider by their subject, after this one, for a sweep. Empty: there are no more. */
export async function listIdentitiesAfter(
  db: Db,
  { providerId, after, limit }: { providerId: string; after: string; limit: number },
): Promise<IdentityRow[]> {
  return db
    .selectFrom('user_identities')
    .selectAll()
    .where('provider_id', '=', providerId)
    .where('subject', '>', after)
    .orderBy('subject')
    .limit(limit)
    .execute()
}

/** How many users come from this provider. */
export async function countOrigins(db: Db, providerId: string): Promise<number> {
  const { count } = await db
    .selectFrom('user_identities')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('provider_id', '=', providerId)
    .where('is_origin', '=', 1)
    .executeTakeFirstOrThrow()
  return Number(count)
}
