import { sql } from 'kysely'
import { isPostgres } from './dialect.ts'
import type { Db, Trx } from './open.ts'

/**
 * Runs a transaction whose commit does not wait for the disk. It survives a crash of this process, but a power cut may
 * lose it until the next ordinary commit. Use it only if an ordinary commit follows before the response is sent.
 */
export async function withRelaxedDurability<T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> {
  if (isPostgres(db)) {
    return db.transaction().execute(async (trx) => {
      await sql`set local synchronous_commit = off`.execute(trx)
      return work(trx)
    })
  }
  // A pragma applies to the connection, which is exclusive to this function meanwhile.
  return db.connection().execute(async (connection) => {
    await sql`pragma synchronous = normal`.execute(connection)
    try {
      return await connection.transaction().execute(work)
    } finally {
      await sql`pragma synchronous = full`.execute(connection)
    }
  })
}
