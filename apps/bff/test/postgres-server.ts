/** The server of the project `postgres`. Each test gets a database of its own, copied from one template. */
import type { TestProject } from 'vitest/node'
import { migrate } from '../src/platform/db/migrate.ts'
import { openDatabase } from '../src/platform/db/open.ts'
import { PostgresProcess } from './postgres-process.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Undefined in the project `sqlite`. */
    postgres?: { url: string; template: string }
  }
}

const template = 'gatehouse_template'

let server: PostgresProcess | undefined

export async function setup(project: TestProject): Promise<void> {
  server = new PostgresProcess()
  await server.start()
  await server.run(`create database ${template}`)
  const database = await openDatabase({ url: server.url(template) })
  await migrate(database)
  await database.close()
  project.provide('postgres', { url: server.url(), template })
}

export async function teardown(): Promise<void> {
  await server?.remove()
}
