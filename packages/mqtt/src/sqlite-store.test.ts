import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore } from './sqlite-store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mqtt-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('makes the file readable by its owner only, and does not open one of a later version', async () => {
  const file = join(folder, 'broker.db')
  await (await openSqliteStore(file)).close()
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const database = new Database(file)
  database.pragma('user_version = 99')
  database.close()
  await expect(openSqliteStore(file)).rejects.toThrow('layout 99')
})

test('refuses a file that is no database', async () => {
  const text = join(folder, 'text')
  writeFileSync(text, 'This is a text and no database. '.repeat(100))
  await expect(openSqliteStore(text)).rejects.toThrow('not a database')
})
