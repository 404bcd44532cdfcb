/**
 * Caches compiled statements. For most of our queries compiling costs more than running, and Kysely compiles each time.
 */
import type { Database, Statement } from 'better-sqlite3'
import { LRUCache } from 'lru-cache'

// A list with ten filters has many variants, and `in (?, ?, …)` has one per length.
const maxStatements = 500

/** The part of a database that Kysely needs, with the most recently used statements kept prepared. */
export function withStatementCache(database: Database): Pick<Database, 'prepare' | 'close'> {
  const statements = new LRUCache<string, Statement>({ max: maxStatements })

  function prepare(sql: string): Statement {
    const known = statements.get(sql)
    // A statement that is being iterated cannot be started again.
    if (known?.busy) return database.prepare(sql)
    const statement = known ?? database.prepare(sql)
    if (!known) statements.set(sql, statement)
    return statement
  }

  return { prepare: prepare as Database['prepare'], close: () => database.close() }
}
