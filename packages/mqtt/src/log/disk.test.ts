import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLogStore } from '../log-store.ts'
import type { StoredRecord } from '../store.ts'
import { recordsOf } from '../testing/model-store.ts'
import { Disk, endDiskThreadsForTests, keepDiskThreadsForTests } from './disk.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mqtt-disk-'))
  keepDiskThreadsForTests()
})
afterEach(async () => {
  await endDiskThreadsForTests()
  rmSync(folder, { recursive: true })
})

const record: StoredRecord = { kind: 'session', key: 'client', fields: '{}', body: undefined }

test('a kept thread writes into the next log in the same folder, not into the deleted file of the last one', async () => {
  const log = join(folder, 'broker.log')
  const first = await openLogStore(log)
  await first.commit({ puts: [record], deletes: [] })
  await first.close()
  rmSync(log, { recursive: true })

  const second = await openLogStore(log)
  await second.commit({ puts: [record], deletes: [] })
  await second.close()
  const again = await openLogStore(log)
  expect([...(await recordsOf(again)).values()]).toEqual([record])
  await again.close()
})

test('a kept thread fails the calls of its own log only', async () => {
  const disk = new Disk()
  const missing = { path: join(folder, 'missing.log'), bytes: 0 }
  await expect(disk.call('truncate', missing)).rejects.toThrow('ENOENT')
  await disk.close()
  const next = new Disk()
  const segment = await next.call('create', { folder, number: 1, oldest: 1, start: 0 })
  await next.call('truncate', segment)
  await next.close()
})
