import { type Kysely, sql } from 'kysely'
import { isPostgres } from '../dialect.ts'

/**
 * Kind, methods, state and second factor of a user as one number, computed by the database. About a dozen values occur.
 * A filter selects some of them, each a range of one index in the order of names.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const facets = sql<number>`case kind when 'person' then 1 else 0 end + methods * 2
    + case when disabled_at is null then 0 else 16 end
    + case when mfa_enrolled_at is null then 0 else 32 end
    + case when mfa_required_at is null then 0 else 64 end`
  await db.schema
    .alterTable('users')
    // SQLite cannot add a stored generated column; PostgreSQL 15 has no other kind.
    .addColumn('facets', 'integer', (c) =>
      isPostgres(db) ? c.generatedAlwaysAs(facets).stored() : c.generatedAlwaysAs(facets),
    )
    .execute()
  await db.schema
    .createIndex('users_by_facets_and_name')
    .on('users')
    .columns(['facets', 'username_folded', 'id', 'display_name_folded'])
    .execute()
  await db.schema.dropIndex('users_by_facets').execute()
  await db.schema
    .createIndex('users_by_names')
    .on('users')
    .columns(['username_folded', 'id', 'display_name_folded', 'facets'])
    .execute()
  for (const unused of ['users_disabled', 'users_enrolled', 'user_grants_by_method']) {
    await db.schema.dropIndex(unused).execute()
  }
}
