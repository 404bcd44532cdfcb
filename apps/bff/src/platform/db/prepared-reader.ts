/**
 * Prepared statements for the broker's thread. They run at each CONNECT without Kysely, over a separate read-only
 * connection. The SQL is the same for both databases: parameters are `?`, and the functions below express the
 * differences.
 */
import type { DatabasePlace } from './open.ts'
import { openReadingPool } from './postgres-pool.ts'
import { openReader } from './sqlite-reader.ts'

export interface PreparedReader {
  prepare<Row>(words: (words: Words) => string): (...parameters: string[]) => Promise<Row[]>
  /** A number that changes with each commit of any other connection, also of another process. */
  dataVersion(): Promise<number>
  close(): Promise<void>
}

export interface Words {
  /** JSON text of all rows of the group. */
  list(value: string): string
  /** A JSON array of these columns. */
  array(...columns: string[]): string
  /** A query for the texts of a JSON array. */
  elements(array: string): string
}

export function openPreparedReader(place: DatabasePlace): PreparedReader {
  return 'url' in place ? onPostgres(place.url) : onSqlite(place.file)
}

function onSqlite(file: string): PreparedReader {
  const database = openReader(file)
  const words: Words = {
    list: (value) => `json_group_array(${value})`,
    array: (...columns) => `json_array(${columns.join(', ')})`,
    elements: (array) => `select value from json_each(${array})`,
  }
  const version = database.prepare<[], number>('pragma data_version').pluck()
  return {
    prepare: <Row>(write: (words: Words) => string) => {
      const statement = database.prepare<string[], Row>(write(words))
      return async (...parameters) => statement.all(...parameters)
    },
    dataVersion: async () => version.get() ?? 0,
    close: async () => void database.close(),
  }
}

// Two connections, so that the version check does not wait behind a CONNECT.
const connections = 2

function onPostgres(url: string): PreparedReader {
  const pool = openReadingPool(url, connections)
  const words: Words = {
    list: (value) => `coalesce(json_agg(${value})::text, '[]')`,
    array: (...columns) => `json_build_array(${columns.join(', ')})`,
    elements: (array) => `select json_array_elements_text(${array}::json)`,
  }
  let prepared = 0
  return {
    prepare: <Row>(write: (words: Words) => string) => {
      const name = `gatehouse-${++prepared}`
      let marks = 0
      const text = write(words).replaceAll('?', () => `$${++marks}`)
      return async (...parameters) => {
        // A text with NUL cannot be stored, so it cannot be found. PostgreSQL would raise an error for it.
        if (parameters.some((parameter) => parameter.includes('\0'))) return []
        return (await pool.query({ name, text, values: parameters })).rows as Row[]
      }
    },
    dataVersion: async () => {
      const { rows } = await pool.query<{ value: number }>('select value from data_version')
      return rows[0]?.value ?? 0
    },
    close: () => pool.end(),
  }
}
