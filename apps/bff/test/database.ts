/**
 * The database of a test. In the project `sqlite` it is a file; in the project `postgres` it is a new database
 * on the server of `postgres-server.ts`, copied from a migrated template.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Client } from 'pg'
import { inject } from 'vitest'
import type { DatabasePlace } from '../src/platform/db/open.ts'
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
  if (!server) return { place: { file: join(folder, 'gatehouse.db') }, env: {}, remove: async () => {} }
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

async function atServer(url: string, statement: string): Promise<void> {
  const client = new Client(readPostgresUrl(url))
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
