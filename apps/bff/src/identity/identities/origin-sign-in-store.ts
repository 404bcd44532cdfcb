/** When users of OpenID providers last signed in there. */
import type { OidcSettings } from '@gatehouse/contract/identity/provider-settings'
import type { Db } from '../../platform/db/open.ts'
import type { OriginSignIn } from './last-sign-in.ts'

/** Of a user who comes from an OpenID provider. Without an identity there, it is as if the user had never signed in there. */
export async function findOriginSignIn(db: Db, userId: string): Promise<OriginSignIn> {
  const row = await db
    .selectFrom('user_identities as own')
    .innerJoin('identity_providers as provider', 'provider.id', 'own.provider_id')
    .select(['own.last_provider_sign_in_at as at', 'provider.settings'])
    .where('own.user_id', '=', userId)
    .where('own.is_origin', '=', 1)
    .where('provider.kind', '=', 'oidc')
    .executeTakeFirst()
  if (!row) return { at: null, days: 0 }
  const { lastSignInDays } = JSON.parse(row.settings) as OidcSettings
  return { at: row.at, days: lastSignInDays }
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
