import { sql } from 'kysely'
import { isPostgres } from './dialect.ts'
import type { Db } from './open.ts'

/**
 * Fills a database that is not in use yet. On SQLite, no write waits for the disk before `finish`, and other processes
 * are locked out. Throws if another process has the file open.
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
