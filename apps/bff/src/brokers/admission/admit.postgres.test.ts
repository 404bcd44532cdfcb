/** Two servers on one PostgreSQL admit devices by one rule at the same time. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeDatabase, type TestDatabase } from '../../../test/database.ts'
import { systemClock, timestamp } from '../../platform/base/clock.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { migrate } from '../../platform/db/migrate.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { admitDevice } from './admit.ts'
import { deleteRule, findRule, insertRule } from './store.ts'

const authority = 'a'.repeat(64)
const ruleId = '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b77'

let folder: string
let own: TestDatabase
let servers: [OpenDatabase, OpenDatabase]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-admit-'))
  own = await makeDatabase(folder)
  servers = [await openDatabase(own.place), await openDatabase(own.place)]
  await migrate(servers[0])
  await insertAuthor()
  await insertTrustedAuthority()
  await servers[0].db.transaction().execute((trx) =>
    insertRule(trx, {
      id: ruleId,
      name: 'presses',
      authority,
      usernames: ['press-*'],
      roles: [],
      authorId: 'author',
      maxPerHour: 8,
      maxTotal: 100,
      enabledAt: timestamp(systemClock),
      admitted: 0,
      createdAt: timestamp(systemClock),
      version: 1,
    }),
  )
})
afterAll(async () => {
  for (const { close } of servers) await close()
  await own.remove()
  await rm(folder, { recursive: true })
})

function admit(username: string, server: 0 | 1) {
  const { db, reader } = servers[server]
  const device = { username, ruleId, authority, fingerprint: 'b'.repeat(64), address: '192.0.2.1' }
  return admitDevice({ db, reader, clock: systemClock }, device)
}

test('creates one user when the same device comes to both servers', async () => {
  const results = await Promise.all(Array.from({ length: 20 }, (_, at) => admit('press-both', at % 2 === 0 ? 0 : 1)))
  expect(results.every(({ reason }) => reason === null)).toBe(true)
  expect((await findRule(servers[0].reader, ruleId))?.admitted).toBe(1)
  const events = servers[0].reader.selectFrom('audit_events').select('id').where('action', '=', 'user.admitted')
  expect(await events.execute()).toHaveLength(1)
})

test('keeps the limit of an hour across both servers', async () => {
  const results = await Promise.all(Array.from({ length: 30 }, (_, at) => admit(`press-${at}`, at % 2 === 0 ? 0 : 1)))
  expect(results.filter(({ reason }) => reason === null)).toHaveLength(7)
  expect(results.filter(({ reason }) => reason === 'admission_limit')).toHaveLength(23)
})

test('refuses a device that was judged before its CA was deleted', async () => {
  const device = { username: 'press-late', ruleId, authority: 'c'.repeat(64), fingerprint: 'b'.repeat(64) }
  const { db, reader } = servers[0]
  const admitted = admitDevice({ db, reader, clock: systemClock }, { ...device, address: '192.0.2.1' })
  expect(await admitted).toEqual({ reason: 'unknown_authority' })
})

test('refuses a device that was judged before the rule was deleted', async () => {
  await servers[1].db.transaction().execute((trx) => deleteRule(trx, ruleId))
  expect(await admit('press-late', 0)).toEqual({ reason: 'unknown_user' })
})

async function insertAuthor(): Promise<void> {
  const { db } = servers[0]
  await db
    .insertInto('users')
    .values({
      id: 'author',
      username: 'author',
      username_folded: 'author',
      display_name: null,
      display_name_folded: null,
      methods: 0,
      kind: 'person',
      identity_provider: 'local',
      mqtt_publish_prefix: null,
      password_hash: null,
      password_change_required_at: null,
      mfa_enrolled_at: null,
      mfa_required_at: null,
      mfa_reset_at: null,
      disabled_at: null,
      last_sign_in_at: null,
      created_at: timestamp(systemClock),
      version: 1,
    })
    .execute()
}

async function insertTrustedAuthority(): Promise<void> {
  await servers[0].db
    .insertInto('authorities')
    .values({
      fingerprint: authority,
      key_fingerprint: authority,
      subject: 'CN=Plant',
      issuer: 'CN=Plant',
      name: 'Plant',
      name_folded: 'plant',
      notes: null,
      der: Buffer.alloc(0),
      not_after: '2049-12-31T23:59:59.000Z',
      description: '{}',
      built_in: 0,
      uploaded_by: null,
      uploaded_at: timestamp(systemClock),
      withdrawn_at: null,
      limited_by: null,
      version: 1,
    })
    .execute()
}
