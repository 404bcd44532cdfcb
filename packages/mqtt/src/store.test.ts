/** What an implementation of the port `store.ts` does. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLogStore } from './log-store.ts'
import { keyOf, type StoredRecord } from './store.ts'
import { recordsOf } from './testing/model-store.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mqtt-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const records: StoredRecord[] = [
  { kind: 'session', key: 'client ü 🚀', fields: '{"user":"ö"}', body: undefined },
  { kind: 'outgoing', key: keyOf('client', 1), fields: '{}', body: Buffer.from([0, 255, 10]) },
  { kind: 'retained', key: 'a/b', fields: '{}', body: Buffer.alloc(0) },
  { kind: 'retained', key: 'large', fields: '{}', body: Buffer.alloc(1_000_000, 'x') },
  { kind: 'will', key: 'a/b', fields: '{"same":"key, another kind"}', body: undefined },
]

test('gives back what was committed, also after it was opened again', async () => {
  const store = await openLogStore(folder)
  expect(await recordsOf(store)).toEqual(new Map())
  await store.commit({ puts: records, deletes: [] })
  await store.close()
  const again = await openLogStore(folder)
  expect([...(await recordsOf(again)).values()]).toEqual(expect.arrayContaining(records))
  await again.close()
})

test('replaces and deletes records', async () => {
  const store = await openLogStore(folder)
  await store.commit({ puts: records, deletes: [] })
  const changed = { ...records[1]!, fields: '{"packetId":7}', body: Buffer.from('new') }
  const deletes = [records[0]!, records[3]!, { kind: 'incoming' as const, key: 'was never there' }]
  await store.commit({ puts: [changed], deletes })
  await store.commit({ puts: [records[0]!], deletes: [records[2]!] })
  await store.close()
  const again = await openLogStore(folder)
  const found = [...(await recordsOf(again)).values()]
  expect(found).toHaveLength(3)
  expect(found).toEqual(expect.arrayContaining([records[0], changed, records[4]]))
  await again.close()
})
