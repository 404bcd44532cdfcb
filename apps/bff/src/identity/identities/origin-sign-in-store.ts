/** What decides about users between two sign-ins at the identity provider that they come from. */
import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../platform/db/open.ts'
import type { OriginSignIn } from './last-sign-in.ts'

/** In a statement about `users`: since when the provider is disabled. Null: it is not, or the user is local. */
export const originDisabledAt = ofOrigin(sql`provider.disabled_at`)

/** The same where clients connect with certificates. Null also while a disabled provider keeps the certificates of its users valid. */
export const originDisabledForCertificatesAt = ofOrigin(
  sql`case when provider.keeps_certificates = 1 then null else provider.disabled_at end`,
)

function ofOrigin(fact: RawBuilder<unknown>): RawBuilder<string | null> {
  return sql<string | null>`case when users.identity_provider <> 'local' then
  (select ${fact} from user_identities as own
    join identity_providers as provider on provider.id = own.provider_id
    where own.user_id = users.id and own.is_origin = 1) end`
}

/**
 * Of a user who comes from a provider. Null: sweeps follow its people. Without an identity there, it is as if the user had never signed
 * in there.
 */
export async function findOriginSignIn(db: Db, userId: string): Promise<OriginSignIn | null> {
  const row = await db
    .selectFrom('user_identities as own')
    .innerJoin('identity_providers as provider', 'provider.id', 'own.provider_id')
    .select(['own.last_provider_sign_in_at as at', 'provider.sign_in_days'])
    .where('own.user_id', '=', userId)
    .where('own.is_origin', '=', 1)
    .executeTakeFirst()
  if (!row) return { at: null, days: 0 }
  return row.sign_in_days === null ? null : { at: row.at, days: row.sign_in_days }
}

/** Users who come from this provider and did not sign in there after `before`, or only in the future. In the order of their ids. */
export async function listUsersWithOldSignIn(
  db: Db,
  { providerId, before, notAfter, after, limit }: OldSignIns,
): Promise<string[]> {
  const rows = await db
    .selectFrom('user_identities')
    .select('user_id')
    .where('provider_id', '=', providerId)
    .where('is_origin', '=', 1)
    .where('user_id', '>', after)
    .where((e) =>
      e.or([
        e('last_provider_sign_in_at', 'is', null),
        e('last_provider_sign_in_at', '<=', before),
        e('last_provider_sign_in_at', '>', notAfter),
      ]),
    )
    .orderBy('user_id')
    .limit(limit)
    .execute()
  return rows.map(({ user_id }) => user_id)
}

interface OldSignIns {
  providerId: string
  before: string
  notAfter: string
  /** The last user of the slice before. */
  after: string
  limit: number
}

/** How many users with tokens come from this provider and signed in there last between these times. */
export async function countTokenHoldersBySignIn(
  db: Db,
  { providerId, after, until, now }: { providerId: string; after: string; until: string; now: string },
): Promise<number> {
  const { count } = await db
    .selectFrom('user_identities as own')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('own.provider_id', '=', providerId)
    .where('own.is_origin', '=', 1)
    .where('own.last_provider_sign_in_at', '>', after)
    .where('own.last_provider_sign_in_at', '<=', until)
    .where((e) =>
      e.exists(
        e
          .selectFrom('tokens')
          .select('tokens.id')
          .whereRef('tokens.user_id', '=', 'own.user_id')
          .where((t) => t.or([t('tokens.expires_at', 'is', null), t('tokens.expires_at', '>', now)])),
      ),
    )
    .executeTakeFirstOrThrow()
  return Number(count)
}
