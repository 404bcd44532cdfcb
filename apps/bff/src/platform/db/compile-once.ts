/**
 * Statements of which only the values change. Kysely builds and compiles a query at each call, which costs more than SQLite needs to
 * run it. A sign-in runs a dozen of them.
 */
import type { CompiledQuery, Generated } from 'kysely'
import { isPostgres } from './dialect.ts'
import type { Db } from './open.ts'
import type { Schema } from './schema.ts'

/** Stands for a value of the call while the statement is built. */
class Parameter<Values> {
  readonly read: (values: Values) => unknown

  constructor(read: (values: Values) => unknown) {
    this.read = read
  }
}

/** Says how a value of the statement follows from the values of a call. */
export type Take<Values> = <T>(read: (values: Values) => T) => T

/**
 * All columns of a table that an insert has to name, for `satisfies`. Kysely takes columns that may be null as optional, and `take`
 * does not tell which values of a call are never used.
 */
export type AllColumns<Table extends keyof Schema> = {
  [Column in keyof Schema[Table] as Schema[Table][Column] extends Generated<unknown> ? never : Column]: unknown
}

interface Compiled<Row> {
  compile(db: Db): CompiledQuery<Row>
}

/**
 * Builds the statement at its first call, once for each kind of database. What varies comes through `take`: everything else in
 * `build` is the same for all calls. The result runs the statement and returns its rows.
 */
export function compileOnce<Values, Row>(
  build: (db: Db, take: Take<Values>) => Compiled<Row>,
): (db: Db, values: Values) => Promise<Row[]> {
  const compiled = new Map<boolean, CompiledQuery<Row>>()
  // Kysely passes a value that it does not know on as it is.
  const take = <T>(read: (values: Values) => T) => new Parameter(read) as T

  function compileFor(db: Db): CompiledQuery<Row> {
    const onPostgres = isPostgres(db)
    const known = compiled.get(onPostgres) ?? build(db, take).compile(db)
    compiled.set(onPostgres, known)
    return known
  }

  return async (db, values) => {
    const query = compileFor(db)
    const parameters = query.parameters.map((each) => (each instanceof Parameter ? each.read(values) : each))
    return (await db.executeQuery<Row>({ ...query, parameters })).rows
  }
}
