import { sql } from 'kysely'
import { isPostgres } from './dialect.ts'
import type { Db } from './open.ts'

/**
 * For filling a database that nobody uses yet: on SQLite nothing is waited for to be on the disk before `finish`, and no
 * other process gets in. Throws where one is in already.
 */
export async function beginBulkLoad(db: Db): Promise<() => Promise<void>> {
  if (isPostgres(db)) return async () => {}
  await sql`pragma locking_mode = exclusive`.execute(db)
  await sql`begin exclusive`.execute(db)
  await sql`commit`.execute(db)
  await sql`pragma synchronous = off`.execute(db)
  await sql`pragma cache_size = -500000`.execute(db)
  await sql`pragma wal_autocheckpoint = 50000`.execute(db)
  return async () => {
    await sql`pragma synchronous = full`.execute(db)
    await sql`pragma wal_checkpoint(truncate)`.execute(db)
  }
}
