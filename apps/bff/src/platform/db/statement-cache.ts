/** Keeps compiled statements: for most of our queries compiling costs more than running them, and Kysely compiles each time. */
import type { Database, Statement } from 'better-sqlite3'

// A list with ten filters has its variants, and `in (?, ?, …)` one for each length.
const keptStatements = 500

/** What Kysely needs of a database, with the statements that were used last kept ready. */
export function keepStatements(database: Database): Pick<Database, 'prepare' | 'close'> {
  const kept = new Map<string, Statement>()

  function prepare(sql: string): Statement {
    const known = kept.get(sql)
    // One that somebody still reads row by row cannot be started again.
    if (known?.busy) return database.prepare(sql)
    const statement = known ?? database.prepare(sql)
    kept.delete(sql)
    kept.set(sql, statement)
    const oldest = kept.keys().next()
    if (kept.size > keptStatements && !oldest.done) kept.delete(oldest.value)
    return statement
  }

  return { prepare: prepare as Database['prepare'], close: () => database.close() }
}
