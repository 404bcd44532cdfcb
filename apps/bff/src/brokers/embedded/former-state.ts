/** Moves what the former file of the broker contains into its log, once. */
import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { openLogStore } from '@gatehouse/mqtt/log-store'
import type { StoredRecord } from '@gatehouse/mqtt/store'
import { readFormerState } from './former-state-store.ts'

const recordsAtOnce = 1_000
const bytesAtOnce = 1_048_576

/**
 * The folder gets its name when it is complete, so a crash at any moment leaves the file in charge. Then the file is set aside as
 * `broker.db.old`. If there is a log already, the file is set aside unread: the log is the newer one.
 * @returns the number of records, 'unread', or null if there is no such file.
 */
export async function takeOverFile(file: string, folder: string): Promise<number | 'unread' | null> {
  if (!existsSync(file)) return null
  const records = existsSync(folder) ? 'unread' : await copyInto(folder, readFormerState(file))
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(`${file}${suffix}`)) await rename(`${file}${suffix}`, `${file}.old${suffix}`)
  }
  return records
}

async function copyInto(folder: string, records: Iterable<StoredRecord>): Promise<number> {
  const unfinished = `${folder}.new`
  await rm(unfinished, { recursive: true, force: true })
  const log = await openLogStore(unfinished)
  let count = 0
  for (const puts of inBatches(records)) {
    await log.commit({ puts, deletes: [] })
    count += puts.length
  }
  await log.close()
  await rename(unfinished, folder)
  const parent = await open(dirname(folder), 'r')
  await parent.sync()
  await parent.close()
  return count
}

function* inBatches(records: Iterable<StoredRecord>): Generator<StoredRecord[], void> {
  let batch: StoredRecord[] = []
  let bytes = 0
  for (const record of records) {
    batch.push(record)
    bytes += record.body?.length ?? 0
    if (batch.length < recordsAtOnce && bytes < bytesAtOnce) continue
    yield batch
    batch = []
    bytes = 0
  }
  yield batch
}
