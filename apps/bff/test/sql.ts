/** Runs SQL on the database of a test. Parameters are `?`. */
import SqliteDatabase, { type Statement } from 'better-sqlite3'
import { type CustomTypesConfig, Pool, types } from 'pg'
import type { DatabasePlace } from '../src/platform/db/open.ts'
import { readPostgresUrl } from '../src/platform/db/postgres-url.ts'

export type SqlValue = string | number | null

export interface Sql {
  rows<Row = Record<string, unknown>>(text: string, ...values: SqlValue[]): Promise<Row[]>
  /** The first column of the first row; undefined if there is none. */
  value<T>(text: string, ...values: SqlValue[]): Promise<T>
  /** The first column of each row. */
  column<T>(text: string, ...values: SqlValue[]): Promise<T[]>
  run(text: string, ...values: SqlValue[]): Promise<void>
  insert(table: string, ...rows: Record<string, SqlValue>[]): Promise<void>
  /** The tables that hold data. */
  tables(): Promise<string[]>
  /** Changes with each commit of the server. */
  commits(): Promise<number>
  /** Errors that SQLite's integrity check finds. PostgreSQL has none. */
  damages(): Promise<unknown[]>
  close(): Promise<void>
}

interface Connection {
  rows(text: string, values: SqlValue[]): Promise<Record<string, unknown>[]>
  tables: string
  commits: string
  damages: string
  close(): Promise<void>
}

export function openSql(place: DatabasePlace): Sql {
  const connection = 'url' in place ? onPostgres(place.url) : onSqlite(place.file)
  const rows = async (text: string, ...values: SqlValue[]) => connection.rows(text, values)
  const column = async (text: string, ...values: SqlValue[]) =>
    (await connection.rows(text, values)).map((row) => Object.values(row)[0])
  const run = async (text: string, ...values: SqlValue[]) => void (await connection.rows(text, values))
  return {
    rows: rows as Sql['rows'],
    column: column as Sql['column'],
    value: (async (text, ...values) => (await column(text, ...values))[0]) as Sql['value'],
    run,
    insert: async (table, ...all) => {
      const names = Object.keys(all[0] ?? {})
      const marks = `(${names.map(() => '?').join(', ')})`
      // Both databases accept this many parameters.
      for (let at = 0; at < all.length; at += 1_000) {
        const some = all.slice(at, at + 1_000)
        const values = some.map(() => marks).join(', ')
        await run(`insert into ${table} (${names.join(', ')}) values ${values}`, ...some.flatMap(Object.values))
      }
    },
    tables: async () => (await column(connection.tables)) as string[],
    commits: async () => Number((await column(connection.commits))[0]),
    damages: () => column(connection.damages),
    close: () => connection.close(),
  }
}

function onSqlite(file: string): Connection {
  const database = new SqliteDatabase(file)
  // Test data need not survive a power cut.
  database.pragma('synchronous = OFF')
  const statements = new Map<string, Statement<SqlValue[], Record<string, unknown>>>()
  return {
    rows: async (text, values) => {
      const statement = statements.get(text) ?? database.prepare<SqlValue[], Record<string, unknown>>(text)
      statements.set(text, statement)
      if (statement.reader) return statement.all(...values)
      statement.run(...values)
      return []
    },
    tables: `select name from sqlite_master
      where type = 'table' and name not like 'sqlite_%' and sql not like 'create virtual%' order by name`,
    commits: 'pragma data_version',
    damages: `select * from pragma_integrity_check where integrity_check <> 'ok'
      union all select "table" from pragma_foreign_key_check`,
    close: async () => void database.close(),
  }
}

const countsAreNumbers: CustomTypesConfig = {
  getTypeParser: (oid, format) => (String(oid) === '20' ? Number : types.getTypeParser(oid, format)),
}

function onPostgres(url: string): Connection {
  const pool = new Pool({ ...readPostgresUrl(url), max: 1, types: countsAreNumbers })
  pool.on('error', () => {})
  return {
    rows: async (text, values) => {
      let count = 0
      return (
        await pool.query<Record<string, unknown>>(
          text.replaceAll('?', () => `$${++count}`),
          values,
        )
      ).rows
    },
    // The write counter is not data.
    tables: `select table_name from information_schema.tables
      where table_schema = 'public' and table_name <> 'data_version' order by table_name`,
    commits: 'select value from data_version',
    damages: 'select 1 where false',
    close: () => pool.end(),
  }
}
