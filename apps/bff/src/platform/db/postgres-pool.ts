/** Pools of connections to PostgreSQL, without Kysely: the broker's thread reads through one. */
import type { Socket } from 'node:net'
import { type CustomTypesConfig, type Pool, type PoolConfig, types } from 'pg'
import { readPostgresUrl } from './postgres-url.ts'
import { QueueingPool } from './queueing-pool.ts'

/** Kept open while idle, so that other clients cannot take the server's last connection. */
export const keptOpen = 1
const statementMs = 30_000
const lockMs = 10_000
const idleInTransactionMs = 30_000
/** For opening a connection, and for waiting until one is free. */
export const connectMs = 10_000
const idleMs = 30_000
/** Longer than the statement timeout. A client that is silent for so long is gone. */
const silenceMs = 60_000

/** For statements that only read. The broker's thread uses it. */
export function openReadingPool(url: string, max: number): Pool {
  return openPool(url, { max, min: keptOpen, options: '-c default_transaction_read_only=on' })
}

export function openPool(url: string, more: PoolConfig & { max: number }): Pool {
  const pool = new QueueingPool({
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
  // A connection was lost. The query that uses it fails; the next query opens a new one.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
    stream.setTimeout(silenceMs, () => stream.destroy())
  })
  return pool
}

const [int8, numeric] = ['20', '1700']

/** Also counts and sums, as on SQLite: all are far below 2^53. */
const numbersAreNumbers: CustomTypesConfig = {
  getTypeParser: (oid, format) => ([int8, numeric].includes(String(oid)) ? Number : types.getTypeParser(oid, format)),
}
