/**
 * The database of a test, copied from a migrated template. In the project `sqlite` it is a file; in the project
 * `postgres` it is a new database on the server of `postgres-server.ts`.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { inject } from 'vitest'
import { migrate } from '../src/platform/db/migrate.ts'
import { type DatabasePlace, openDatabase } from '../src/platform/db/open.ts'
import { readPostgresUrl } from '../src/platform/db/postgres-url.ts'

export interface TestDatabase {
  place: DatabasePlace
  /** The environment for a server that uses it. */
  env: Record<string, string>
  remove(): Promise<void>
}

/** `template0`: without tables, for data that an older version made. */
export async function makeDatabase(folder: string, template?: 'template0'): Promise<TestDatabase> {
  const server = inject('postgres')
  if (!server) return makeFile(join(folder, 'gatehouse.db'), template)
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await atServer(server.url, `create database ${name} template ${template ?? server.template} strategy file_copy`)
  const url = server.url.replace('/postgres?', `/${name}?`)
  return {
    place: { url },
    env: { GATEHOUSE_DATABASE_URL: url },
    // `force` ends connections that were left open.
    remove: () => atServer(server.url, `drop database ${name} with (force)`),
  }
}

async function makeFile(file: string, template?: 'template0'): Promise<TestDatabase> {
  const isWanted = template !== 'template0' && !existsSync(file)
  if (isWanted) writeFileSync(file, await (migrated ??= migrateFile()), { mode: 0o600 })
  return { place: { file }, env: {}, remove: async () => {} }
}

/** All files of a worker share it: the migrations take a tenth of the start of an application. */
let migrated: Promise<Buffer> | undefined

async function migrateFile(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-template-'))
  const file = join(folder, 'gatehouse.db')
  const database = await openDatabase({ file })
  await migrate(database)
  await database.close()
  const bytes = readFileSync(file)
  rmSync(folder, { recursive: true })
  return bytes
}

async function atServer(url: string, statement: string): Promise<void> {
  const client = new Client(readPostgresUrl(url))
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
