/** A read-only connection to SQLite, without Kysely: the broker's thread reads through it. */
import SqliteDatabase, { type Database } from 'better-sqlite3'

export function openReader(file: string): Database {
  const database = new SqliteDatabase(file, { readonly: true })
  database.pragma('busy_timeout = 5000')
  return database
}
