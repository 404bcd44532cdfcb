/**
 * PostgreSQL 15 or newer. Transactions that write take turns, across all processes, by the one row of `data_version`: at READ
 * COMMITTED two of them could each look, see that all is well, and together break what both looked at. The count that is
 * raised with each turn tells other processes that something has changed.
 */
import type { Socket } from 'node:net'
import {
  type ColumnDefinitionNode,
  CompiledQuery,
  type DatabaseConnection,
  DataTypeNode,
  Kysely,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  PostgresQueryCompiler,
  RawNode,
} from 'kysely'
import { Client, type CustomTypesConfig, type Pool, type PoolConfig, types } from 'pg'
import { BadSettings } from '../base/bad-settings.ts'
import type { OpenDatabase } from './open.ts'
import { readPostgresUrl } from './postgres-url.ts'
import type { Schema } from './schema.ts'
import { WaitingPool } from './waiting-pool.ts'

const oldestVersion = 15
// Of each process. Those who wait for their turn hold a connection meanwhile; the rest wait for one of these.
const writers = 4
const readers = 8
/** Also while idle, so that other programs cannot take the last connection of the server from us. */
const keptOpen = 1
const statementMs = 30_000
const lockMs = 10_000
const idleInTransactionMs = 30_000
/** For a new connection, and for one that comes free. */
const connectMs = 10_000
const idleMs = 30_000
/** Longer than any statement may take: who is silent so long is not there any more. */
const silenceMs = 60_000

export async function openPostgres(url: string): Promise<OpenDatabase> {
  await requireUsable(url)
  const writing = openPool(url, { max: writers, min: keptOpen })
  const db = new Kysely<Schema>({ dialect: new TurnTakingDialect({ pool: writing }) })
  const pool = openReadingPool(url, readers)
  const reader = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  const ddl = new Kysely<Schema>({ dialect: new DdlDialect({ pool: openPool(url, { max: 2, statement_timeout: 0 }) }) })
  return {
    db,
    reader,
    ddl,
    snapshot: () => readSnapshot(pool),
    close: async () => {
      await Promise.all([db.destroy(), reader.destroy(), ddl.destroy()])
    },
  }
}

/** The broker's thread reads through this too; it never writes. */
export function openReadingPool(url: string, max: number): Pool {
  return openPool(url, { max, min: keptOpen, options: '-c default_transaction_read_only=on' })
}

/** Which transactions can be seen: what was changed past us, by hand, is another one too. */
async function readSnapshot(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ seen: string }>({
    name: 'snapshot',
    text: 'select pg_current_snapshot()::text as seen',
  })
  return rows[0]?.seen ?? ''
}

function openPool(url: string, more: PoolConfig & { max: number }): Pool {
  const pool = new WaitingPool({
    ...readPostgresUrl(url),
    application_name: 'gatehouse',
    keepAlive: true,
    idleTimeoutMillis: idleMs,
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    types: numbersAreNumbers,
    ...more,
    connectionTimeoutMillis: connectMs,
  })
  // A connection has ended. A query that waits on it fails by itself; the next query opens another one.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
    stream.setTimeout(silenceMs, () => stream.destroy())
  })
  return pool
}

const [int8, numeric] = ['20', '1700']

/** Counts and sums too, as on SQLite: none of ours comes near 2^53. */
const numbersAreNumbers: CustomTypesConfig = {
  getTypeParser: (oid, format) => ([int8, numeric].includes(String(oid)) ? Number : types.getTypeParser(oid, format)),
}

async function requireUsable(url: string): Promise<void> {
  const address = readPostgresUrl(url)
  const client = new Client({ ...address, connectionTimeoutMillis: connectMs })
  // Told by the rejection below; without a listener the process would end.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ version: number; encoding: string }>(
      `select current_setting('server_version_num')::int / 10000 as version, current_setting('server_encoding') as encoding`,
    )
    const { version = 0, encoding = '' } = rows[0] ?? {}
    if (version < oldestVersion) throw unusable(`PostgreSQL ${oldestVersion} or newer is needed, this is ${version}`)
    if (encoding !== 'UTF8') throw unusable(`the database has to be in UTF8, this one is in ${encoding}`)
  } catch (error) {
    throw error instanceof BadSettings ? error : unusable(reasonOf(error))
  } finally {
    await client.end().catch(() => {})
  }
}

function unusable(why: string): BadSettings {
  return new BadSettings([`GATEHOUSE_DATABASE_URL: ${why}`])
}

function reasonOf(error: unknown): string {
  // One for each address of the host.
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}

class TurnTakingDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig

  constructor(config: PostgresDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): PostgresDriver {
    return new TurnTakingDriver(this.#config)
  }
}

class TurnTakingDriver extends PostgresDriver {
  // One way there and back: the turn costs no more than `begin`. READ COMMITTED, on purpose: what is read after the turn was
  // waited for has to be as the one before left it.
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin; update data_version set value = value + 1'))
  }
}

class DdlDialect extends PostgresDialect {
  override createQueryCompiler(): PostgresQueryCompiler {
    return new PortableDdl()
  }
}

/** Migrations are written once, with SQLite's words. Text sorts by its bytes, whatever the language of the server. */
class PortableDdl extends PostgresQueryCompiler {
  protected override visitColumnDefinition(node: ColumnDefinitionNode): void {
    const { dataType } = node
    const named = DataTypeNode.is(dataType) ? columnTypes[dataType.dataType] : undefined
    super.visitColumnDefinition(named === undefined ? node : { ...node, dataType: RawNode.createWithSql(named) })
  }

  protected override getAutoIncrement(): string {
    return 'generated by default as identity'
  }
}

const columnTypes: Record<string, string> = { text: 'text collate "C"', integer: 'bigint', blob: 'bytea' }
