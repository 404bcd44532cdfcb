/** Runs a PostgreSQL server in a temporary folder, on a socket there. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'pg'
import { readPostgresUrl } from '../src/platform/db/postgres-url.ts'
import { findPostgres } from './postgres-programs.ts'

// Tests need no durability. The other settings are for many small databases at once.
const usual = {
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
  jit: 'off',
  max_connections: '300',
  shared_buffers: '128MB',
  listen_addresses: '',
}

export class PostgresProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'))
  readonly #options: Record<string, string>
  readonly #user = userFor(this.folder)
  #child: ChildProcess | null = null

  constructor(options: Record<string, string> = {}) {
    this.#options = { ...usual, unix_socket_directories: this.folder, ...options }
    // A locale that sorts differently from bytes, to find queries that rely on the default order.
    const locale = ['--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US']
    const args = ['-D', this.#data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync', ...locale]
    const made = spawnSync(program('initdb'), args, { ...this.#user, encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
    process.once('exit', () => this.#child?.kill('SIGQUIT'))
  }

  url(database = 'postgres', user = 'postgres'): string {
    return `postgres://${user}@localhost:${this.#options.port ?? 5432}/${database}?host=${this.folder}`
  }

  async run(statement: string, database = 'postgres'): Promise<void> {
    const client = new Client(readPostgresUrl(this.url(database)))
    await client.connect()
    try {
      await client.query(statement)
    } finally {
      await client.end()
    }
  }

  /** Resolves when the server accepts connections. */
  async start(): Promise<void> {
    const options = Object.entries(this.#options).map(([name, value]) => `--${name}=${value}`)
    const child = spawn(program('postgres'), ['-D', this.#data, ...options], { ...this.#user, stdio: 'ignore' })
    this.#child = child
    while (child.exitCode === null) {
      const isReady = await this.run('select 1').then(
        () => true,
        () => false,
      )
      if (isReady) return
      await wait(20)
    }
    throw new Error(`PostgreSQL ended with code ${child.exitCode}`)
  }

  /** Stops at once, like a crash. */
  async stop(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null) return
    const ended = new Promise((resolve) => {
      child.once('exit', resolve)
    })
    child.kill('SIGQUIT')
    await ended
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  get #data(): string {
    return join(this.folder, 'data')
  }
}

/** PostgreSQL refuses to run as root, so it runs as the user of Debian's package. */
function userFor(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = [idOfPostgres('-u'), idOfPostgres('-g')]
  chownSync(folder, uid, gid)
  return { uid, gid }
}

function idOfPostgres(kind: '-u' | '-g'): number {
  return Number(spawnSync('id', [kind, 'postgres'], { encoding: 'utf8' }).stdout)
}

function program(name: string): string {
  const folder = findPostgres()
  if (folder === null) throw new Error('PostgreSQL is not installed')
  return join(folder, name)
}
