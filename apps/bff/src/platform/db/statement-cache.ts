/**
 * Caches compiled statements. For most of our queries compiling costs more than running, and Kysely compiles each time.
 */
import type { Database, Statement } from 'better-sqlite3'

// A list with ten filters has many variants, and `in (?, ?, …)` has one per length.
const keptStatements = 500

/** The part of a database that Kysely needs, with the most recently used statements kept prepared. */
export function keepStatements(database: Database): Pick<Database, 'prepare' | 'close'> {
  const kept = new Map<string, Statement>()

  function prepare(sql: string): Statement {
    const known = kept.get(sql)
    // A statement that is being iterated cannot be started again.
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
