/** What the log says while the listener for enforcers follows their CA. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeDatabase, type TestDatabase } from '../../../test/database.ts'
import { openKeyring } from '../../identity/second-factors/data-key.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { ensureAuthority } from './authority.ts'
import { AuthorityFollower, type FollowerContext } from './authority-follower.ts'
import { EnforcerHub } from './hub.ts'

const yearMs = 365 * 24 * 60 * 60_000
const endsSoon = 'The CA of the agents ends soon: replace it'
const failed = 'could not follow the CA of the agents'

let folder: string
let stored: TestDatabase
let database: OpenDatabase
let context: FollowerContext
let now = new Date()
let lines: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-follower-'))
  stored = await makeDatabase(folder)
  database = await openDatabase(stored.place)
  lines = []
  now = new Date('2026-11-29T12:00:00Z')
  const clock = { now: () => now }
  const keyring = await openKeyring(database.db, { given: null, dataDir: folder })
  const log = pino({}, { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) })
  context = { ...database, clock, keyring, hub: new EnforcerHub(clock), log }
  await ensureAuthority(context)
})
afterEach(async () => {
  await database.close()
  await stored.remove()
  await rm(folder, { recursive: true })
})

function follow(): AuthorityFollower {
  return new AuthorityFollower(context, { replaceCertificate: () => {} })
}

async function rename(from: string, to: string): Promise<void> {
  await context.db.schema.alterTable(from).renameTo(to).execute()
}

it('says at the first look that the CA ends soon, and not at each further look', async () => {
  await follow().look()
  expect(lines).toEqual([])
  now = new Date(now.getTime() + 29.6 * yearMs)
  const follower = follow()
  await follower.look()
  await follower.look()
  expect(lines).toEqual([endsSoon])
})

it('logs each failure once: again after a look that succeeded', async () => {
  const follower = follow()
  await follower.look()
  for (const failures of [1, 2]) {
    await rename('enforcer_authorities', 'away')
    await follower.look()
    await follower.look()
    await rename('away', 'enforcer_authorities')
    await follower.look()
    expect(lines).toEqual(Array(failures).fill(failed))
  }
})
