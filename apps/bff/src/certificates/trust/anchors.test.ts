// @postgres
/** The trust store as the broker reads it: more than fit into one slice, each change seen, and nothing read twice. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeDatabase, type TestDatabase } from '../../../test/database.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { migrate } from '../../platform/db/migrate.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { openPreparedReader, type PreparedReader } from '../../platform/db/prepared-reader.ts'
import { type AnchorStore, prepareAnchors } from './anchor-store.ts'
import { completeHeads, readHeads } from './anchors.ts'

const count = 2_050
const all = Array.from({ length: count }, (_, at) => {
  const der = Buffer.from(`certificate ${at}`)
  return { fingerprint: createHash('sha256').update(der).digest('hex'), der }
}).toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
const [first, second, third] = all as [(typeof all)[0], (typeof all)[0], (typeof all)[0]]
const last = all.at(-1) ?? first

let folder: string
let own: TestDatabase
let database: OpenDatabase
let reader: PreparedReader
let store: AnchorStore
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-anchors-'))
  own = await makeDatabase(folder)
  database = await openDatabase(own.place)
  await migrate(database)
  for (let at = 0; at < count; at += 500) await insert(all.slice(at, at + 500))
  reader = openPreparedReader(own.place)
  store = prepareAnchors(reader)
})
afterAll(async () => {
  await reader.close()
  await database.close()
  await own.remove()
  await rm(folder, { recursive: true })
})

async function insert(some: readonly { fingerprint: string; der: Buffer }[]): Promise<void> {
  const rest = {
    key_fingerprint: '',
    subject: '',
    issuer: '',
    name: 'Name',
    name_folded: 'name',
    notes: null,
    not_after: '',
    description: '{}',
    built_in: 0 as const,
    uploaded_by: null,
    uploaded_at: '',
    withdrawn_at: null,
    version: 1,
  }
  await database.db
    .insertInto('authorities')
    .values(some.map((one) => ({ ...one, ...rest })))
    .execute()
}

const update = (fingerprint: string, changes: { name?: string; withdrawn_at?: string | null; notes?: string }) =>
  database.db.updateTable('authorities').set(changes).where('fingerprint', '=', fingerprint).execute()

it('reads all CAs in order, with the same version as long as nothing about them changes', async () => {
  const { heads, version } = await readHeads(store)
  expect(heads.map(({ fingerprint }) => fingerprint)).toEqual(all.map(({ fingerprint }) => fingerprint))
  await update(last.fingerprint, { notes: 'Nothing to the broker.' })
  expect((await readHeads(store)).version).toBe(version)
  const anchors = await completeHeads(store, heads, [])
  expect(anchors).toHaveLength(count)
  expect(Buffer.from(anchors.at(-1)?.der ?? [])).toEqual(last.der)
})

it('gives another version after each change, and reads the certificates of new CAs', async () => {
  const versions = new Set<string>()
  const before = await completeHeads(store, (await readHeads(store)).heads, [])
  const read = async () => {
    const { heads, version } = await readHeads(store)
    versions.add(version)
    return heads
  }
  await read()
  await update(last.fingerprint, { name: 'Renamed' })
  expect((await read()).at(-1)?.name).toBe('Renamed')
  await database.db.insertInto('authority_usernames').values({ fingerprint: second.fingerprint, glob: 'x-*' }).execute()
  expect((await read())[1]?.usernames).toEqual(['x-*'])
  await update(first.fingerprint, { withdrawn_at: '2026-01-01T00:00:00.000Z' })
  await read()
  await database.db.deleteFrom('authorities').where('fingerprint', '=', third.fingerprint).execute()
  const heads = await read()
  expect(heads).toHaveLength(count - 2)
  expect(versions.size).toBe(5)
  await insert([third])
  const added = await completeHeads(store, (await readHeads(store)).heads, before.slice(100))
  expect(added).toHaveLength(count - 1)
  expect(added[1]?.fingerprint).toBe(third.fingerprint)
  expect(Buffer.from(added[1]?.der ?? [])).toEqual(third.der)
  // One that is deleted between the two readings is simply not there.
  expect(
    await completeHeads(store, [{ fingerprint: 'f'.repeat(64), name: 'Gone', usernames: [], limitedBy: null }], before),
  ).toEqual([])
})
