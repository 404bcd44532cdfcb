import { sql } from 'kysely'
import { isPostgres } from './dialect.ts'
import type { Db, Trx } from './open.ts'

/**
 * A transaction that is not waited for to be on the disk: it outlives the end of this process, and a power cut from the next
 * ordinary commit on. For what is worth nothing by itself: where such a commit follows before anything is answered.
 */
export async function withRelaxedDurability<T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> {
  if (isPostgres(db)) {
    return db.transaction().execute(async (trx) => {
      await sql`set local synchronous_commit = off`.execute(trx)
      return work(trx)
    })
  }
  // A pragma holds for the connection: nobody else has it meanwhile.
  return db.connection().execute(async (connection) => {
    await sql`pragma synchronous = normal`.execute(connection)
    try {
      return await connection.transaction().execute(work)
    } finally {
      await sql`pragma synchronous = full`.execute(connection)
    }
  })
}
