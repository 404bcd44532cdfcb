/**
 * Copies everything from SQLite to PostgreSQL in one transaction, while no other process uses the source. The tables
 * and columns are read from the target's schema; tables that only SQLite has are internal to it.
 */
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { sql } from 'kysely'
import type { OpenDatabase } from './database.ts'
import { openDatabase, type Trx } from './open.ts'

export interface CopiedTable {
  name: string
  rows: number
}

interface Table {
  name: string
  columns: string[]
  /** Identity columns, whose counters must continue after the copied rows. */
  counter: string | null
}

/** Rows per statement; PostgreSQL limits the number of parameters. */
const parametersAtOnce = 20_000
/** Tables that migrations fill: their rows are replaced. */
const madeFilled = ['totals', 'audit_retention', 'access_changes_pruned']
/** Tables that only PostgreSQL needs: the writers' turn and the applied migrations. */
const ownTables = ['data_version', 'kysely_migration', 'kysely_migration_lock']

/** Returns null if another process has the file open. Throws if the target is not empty; nothing is changed then. */
export async function copyToPostgres(
  file: string,
  url: string,
  { prepare, conclude }: { prepare(target: OpenDatabase): Promise<void>; conclude(trx: Trx): Promise<void> },
): Promise<CopiedTable[] | 'in use' | 'not empty'> {
  const source = openAlone(file)
  if (!source) return 'in use'
  const target = await openDatabase({ url }).catch((error: unknown) => {
    source.close()
    throw error
  })
  try {
    await prepare(target)
    return await target.db.transaction().execute(async (trx) => {
      // A table of a million rows takes longer than the usual statement timeout.
      await sql`set local statement_timeout = 0`.execute(trx)
      const tables = await listTables(trx)
      if (await holdsAnything(trx, tables)) return 'not empty'
      const copied: CopiedTable[] = []
      for (const table of tables) copied.push({ name: table.name, rows: await copyTable(source, trx, table) })
      await conclude(trx)
      return copied
    })
  } finally {
    await target.close()
    source.close()
  }
}

/** Opens the file exclusively: changes of a running server after the copy would be missing in the target. */
function openAlone(file: string): Database | null {
  const database = new SqliteDatabase(file, { timeout: 1_000 })
  try {
    database.pragma('locking_mode = exclusive')
    database.exec('begin exclusive; commit')
    return database
  } catch (error) {
    database.close()
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return null
    throw error
  }
}

/** Orders tables so that each follows those that it references. */
async function listTables(trx: Trx): Promise<Table[]> {
  const { rows } = await sql<{ name: string; column: string; counts: boolean }>`
    select table_name as name, column_name as "column", is_identity = 'YES' as counts
    from information_schema.columns where table_schema = current_schema() and is_generated = 'NEVER'
    order by table_name, ordinal_position`.execute(trx)
  const { rows: references } = await sql<{ from: string; to: string }>`
    select distinct conrelid::regclass::text as "from", confrelid::regclass::text as "to"
    from pg_constraint where contype = 'f' and connamespace = current_schema()::regnamespace`.execute(trx)
  const tables = [...Map.groupBy(rows, ({ name }) => name)]
    .filter(([name]) => !ownTables.includes(name))
    .map(([name, columns]) => ({
      name,
      columns: columns.map(({ column }) => column),
      counter: columns.find(({ counts }) => counts)?.column ?? null,
    }))
  const sorted: Table[] = []
  while (sorted.length < tables.length) {
    const isThere = (name: string) => sorted.some((table) => table.name === name)
    const next = tables.filter(
      ({ name }) => !isThere(name) && references.every(({ from, to }) => from !== name || to === name || isThere(to)),
    )
    if (next.length === 0) throw new Error('These tables reference each other in a circle')
    sorted.push(...next)
  }
  return sorted
}

async function holdsAnything(trx: Trx, tables: readonly Table[]): Promise<boolean> {
  for (const { name } of tables) {
    if (madeFilled.includes(name)) continue
    const { rows } = await sql`select 1 from ${sql.table(name)} limit 1`.execute(trx)
    if (rows.length > 0) return true
  }
  return false
}

async function copyTable(source: Database, trx: Trx, { name, columns, counter }: Table): Promise<number> {
  const quoted = columns.map((column) => `"${column}"`).join(', ')
  const all = source.prepare<[], unknown[]>(`select ${quoted} from "${name}"`).raw().iterate()
  const atOnce = Math.floor(parametersAtOnce / columns.length)
  if (madeFilled.includes(name)) await sql`delete from ${sql.table(name)}`.execute(trx)
  let copied = 0
  for (let some = take(all, atOnce); some.length > 0; some = take(all, atOnce)) {
    const values = some.map((row) => sql`(${sql.join(row)})`)
    await sql`insert into ${sql.table(name)} (${sql.join(columns.map((column) => sql.ref(column)))})
      values ${sql.join(values)}`.execute(trx)
    copied += some.length
  }
  if (counter !== null && copied > 0) await countOn(trx, name, counter)
  return copied
}

async function countOn(trx: Trx, table: string, column: string): Promise<void> {
  await sql`
    select setval(pg_get_serial_sequence(${table}, ${column}), (select max(${sql.ref(column)}) from ${sql.table(table)}))
  `.execute(trx)
}

function take<T>(from: IterableIterator<T>, most: number): T[] {
  const taken: T[] = []
  while (taken.length < most) {
    const { value, done } = from.next()
    if (done) break
    taken.push(value)
  }
  return taken
}
