/** Starts a PostgreSQL server for the tests, on a socket in a temporary folder; nothing of it is left behind. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client, type ClientConfig } from 'pg'
import type { TestProject } from 'vitest/node'
import { migrate } from '../src/db/migrate.ts'
import { openDatabase } from '../src/db/open.ts'
import { readPostgresUrl } from '../src/db/postgres-url.ts'
import { findPostgres } from './postgres-programs.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Not there in the project `sqlite`. */
    postgres?: { url: string; template: string }
  }
}

const template = 'gatehouse_template'
// A test loses nothing that matters when the power goes; the rest is what many small databases at once need.
const options = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
  jit: 'off',
  max_connections: '300',
  shared_buffers: '128MB',
  listen_addresses: '',
}

let running: Awaited<ReturnType<typeof startServer>> | undefined

export async function setup(project: TestProject): Promise<void> {
  running = await startServer()
  const { folder } = running
  const url = (database: string) => `postgres://postgres@localhost/${database}?host=${folder}`
  await makeTemplate(url)
  project.provide('postgres', { url: url('postgres'), template })
}

export async function teardown(): Promise<void> {
  await running?.stop()
}

async function makeTemplate(url: (database: string) => string): Promise<void> {
  const client = new Client(readPostgresUrl(url('postgres')))
  await client.connect()
  await client.query(`create database ${template}`)
  await client.end()
  const database = await openDatabase({ url: url(template) })
  await migrate(database)
  await database.close()
}

async function startServer(): Promise<{ folder: string; stop(): Promise<void> }> {
  const programs = findPostgres()
  if (!programs) throw new Error('PostgreSQL is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'))
  const user = userFor(folder)
  const data = join(folder, 'data')
  // A language that sorts unlike bytes do: what relies on the order says so itself.
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C.UTF-8', ...inEnglish],
    { ...user, encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
  const settings = Object.entries({ ...options, unix_socket_directories: folder }).map(
    ([name, value]) => `--${name}=${value}`,
  )
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings], { ...user, stdio: 'ignore' })
  process.once('exit', () => server.kill('SIGQUIT'))
  await untilReady(server, { host: folder, user: 'postgres', database: 'postgres' })
  return { folder, stop: () => stop(server, folder) }
}

const inEnglish = ['--locale-provider=icu', '--icu-locale=en-US']

/** PostgreSQL does not run as root: then it runs as the user that Debian's package made. */
function userFor(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = [idOfPostgres('-u'), idOfPostgres('-g')]
  chownSync(folder, uid, gid)
  return { uid, gid }
}

function idOfPostgres(kind: '-u' | '-g'): number {
  return Number(spawnSync('id', [kind, 'postgres'], { encoding: 'utf8' }).stdout)
}

async function untilReady(server: ChildProcess, address: ClientConfig): Promise<void> {
  while (server.exitCode === null) {
    const client = new Client(address)
    const isReady = await client.connect().then(
      () => true,
      () => false,
    )
    await client.end()
    if (isReady) return
    await wait(20)
  }
  throw new Error(`PostgreSQL ended with code ${server.exitCode}`)
}

async function stop(server: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise((resolve) => {
    server.once('exit', resolve)
  })
  server.kill('SIGQUIT') // at once: nothing of it is looked at again
  await ended
  rmSync(folder, { recursive: true, force: true })
}
