import { sql } from 'kysely'
import { facetBits, hasFacet } from './facets-store.ts'

/** The rule `maySignIn` of `sign-in/may-sign-in.ts` as SQL about the row `users`. A test compares the two. */
export const maySignInSql = sql<boolean>`(users.disabled_at is null and ${hasFacet(facetBits.method('password'))}
  and not exists (select 1 from user_grants as required where required.user_id = users.id
    and required.method = 'certificate' and required.is_required = 1))`
