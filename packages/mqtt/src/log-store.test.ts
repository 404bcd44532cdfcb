import { execFileSync, spawnSync } from 'node:child_process'
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLogStore } from './log-store.ts'
import type { StoredRecord } from './store.ts'
import { after, randomBatch, randomFrom, recordsOf } from './testing/model-store.ts'

const tries = process.env['GATEHOUSE_TEST_ALL'] ? 5000 : 60
/** Small, so that segments are cleaned all the time. */
const small = { segmentBytes: 4096, uncleanedBytes: 8192 }

let folder: string
let log: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mqtt-'))
  log = join(folder, 'broker.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

const segments = (): string[] => readdirSync(log).toSorted()
const sizeOf = (name: string): number => statSync(join(log, name)).size
const first = '0000000001.log'

/** Commits batches. @returns for each the length of the last file behind it, and what the store contains then. */
async function fill(count: number, seed: number): Promise<{ bytes: number; records: Map<string, StoredRecord> }[]> {
  const random = randomFrom(seed)
  const store = await openLogStore(log)
  const states = [{ bytes: sizeOf(first), records: new Map<string, StoredRecord>() }]
  for (let i = 0; i < count; i++) {
    const batch = randomBatch(random)
    await store.commit(batch)
    states.push({ bytes: sizeOf(first), records: after(states.at(-1)!.records, batch) })
  }
  await store.close()
  return states
}

async function read(): Promise<Map<string, StoredRecord>> {
  const store = await openLogStore(log)
  const records = await recordsOf(store)
  await store.close()
  return records
}

test('cleans old segments, stays small, and loses nothing', async () => {
  const random = randomFrom(1)
  let store = await openLogStore(log, small)
  let expected = new Map<string, StoredRecord>()
  for (let i = 1; i <= 1500; i++) {
    const batch = randomBatch(random)
    await store.commit(batch)
    expected = after(expected, batch)
    if (i % 300 > 0) continue
    await store.close()
    store = await openLogStore(log, small)
    expect(await recordsOf(store)).toEqual(expected)
    const total = segments().reduce((sum, name) => sum + sizeOf(name), 0)
    expect(total).toBeLessThan(32_768)
  }
  await store.close()
  expect(segments()).not.toContain(first)
})

test('keeps one segment when everything was deleted', async () => {
  const store = await openLogStore(log, small)
  const record = { kind: 'outgoing' as const, key: 'k', fields: '{}', body: Buffer.alloc(1000) }
  for (let i = 0; i < 50; i++) {
    await store.commit({ puts: [record], deletes: [] })
    await store.commit({ puts: [], deletes: [record] })
  }
  await store.close()
  expect(segments()).toHaveLength(1)
})

test(`has every whole batch and no other after ${tries} cuts of the file at any byte`, async () => {
  const states = await fill(30, 2)
  const content = readFileSync(join(log, first))
  const random = randomFrom(3)
  for (let i = 0; i < tries; i++) {
    writeFileSync(join(log, first), content)
    const length = states[0]!.bytes + Math.floor(random() * (content.length - states[0]!.bytes))
    truncateSync(join(log, first), length)
    const whole = states.findLast(({ bytes }) => bytes <= length)!
    expect(await read(), `cut at ${length}`).toEqual(whole.records)
    expect(sizeOf(first)).toBe(whole.bytes)
  }
})

test(`refuses the log after one of ${tries} flipped bits, or drops its last batch`, async () => {
  const states = await fill(30, 4)
  const content = readFileSync(join(log, first))
  const random = randomFrom(5)
  const lastBatch = states.at(-2)!
  for (let i = 0; i < tries; i++) {
    const at = Math.floor(random() * content.length)
    const damaged = Buffer.from(content)
    damaged[at]! ^= 1 << Math.floor(random() * 8)
    writeFileSync(join(log, first), damaged)
    const found = await read().catch((error: unknown) => String(error))
    const isRefused = typeof found === 'string' && /is damaged|not a log|layout/.test(found)
    expect(at < lastBatch.bytes ? isRefused : found, `byte ${at}`).toEqual(at < lastBatch.bytes || lastBatch.records)
  }
})

test('writes on behind an incomplete batch, and reports it', async () => {
  const states = await fill(3, 6)
  truncateSync(join(log, first), states[3]!.bytes - 1)
  const cut: number[] = []
  const store = await openLogStore(log, { cutOff: (bytes) => cut.push(bytes) })
  const record = { kind: 'will' as const, key: 'new', fields: '{}', body: undefined }
  await store.commit({ puts: [record], deletes: [] })
  await store.close()
  expect(cut).toEqual([states[3]!.bytes - 1 - states[2]!.bytes])
  expect(await read()).toEqual(after(states[2]!.records, { puts: [record], deletes: [] }))
})

test('cuts off an incomplete batch although a message in it looks like a whole one', async () => {
  const states = await fill(1, 7)
  // A client can send the bytes of a batch, but it does not know the salt of the segment.
  const copied = readFileSync(join(log, first)).subarray(states[0]!.bytes)
  rmSync(log, { recursive: true })
  const store = await openLogStore(log)
  const empty = sizeOf(first)
  await store.commit({ puts: [{ kind: 'retained', key: 'copy', fields: '{}', body: copied }], deletes: [] })
  await store.close()
  expect((await read()).get('retained copy')?.body).toEqual(copied)
  truncateSync(join(log, first), sizeOf(first) - 1)
  writeFileSync(join(log, first), '!', { flag: 'a' })
  expect(await read()).toEqual(new Map())
  expect(sizeOf(first)).toBe(empty)
})

test('refuses a log with a missing segment', async () => {
  const store = await openLogStore(log, { segmentBytes: 100 })
  for (let i = 0; i < 3; i++) {
    await store.commit({
      puts: [{ kind: 'retained', key: `${i}`, fields: '{}', body: Buffer.alloc(100) }],
      deletes: [],
    })
  }
  await store.close()
  expect(segments()).toHaveLength(3)
  const copy = join(folder, 'copy')
  cpSync(log, copy, { recursive: true })
  for (const missing of segments().slice(0, 2)) {
    rmSync(join(log, missing))
    await expect(openLogStore(log)).rejects.toThrow(`segment ${Number(missing.slice(0, 10))} is missing`)
    cpSync(copy, log, { recursive: true })
  }
})

test('opens a copy of the files that was made while the store was in use', async () => {
  const random = randomFrom(8)
  const store = await openLogStore(log, small)
  let expected = new Map<string, StoredRecord>()
  for (let i = 0; i < 200; i++) {
    const batch = randomBatch(random)
    await store.commit(batch)
    expected = after(expected, batch)
  }
  const backup = join(folder, 'backup')
  cpSync(log, backup, { recursive: true })
  for (let i = 0; i < 200; i++) await store.commit(randomBatch(random))
  await store.close()
  const restored = await openLogStore(backup, small)
  expect(await recordsOf(restored)).toEqual(expected)
  await restored.close()
})

test('removes the segments that a crash left, and an unfinished new one', async () => {
  const store = await openLogStore(log, { segmentBytes: 100 })
  const record = { kind: 'retained' as const, key: 'k', fields: '{}', body: Buffer.alloc(100) }
  for (let i = 0; i < 2; i++) await store.commit({ puts: [record], deletes: [] })
  const copy = join(folder, 'copy')
  cpSync(join(log, first), copy)
  await store.commit({ puts: [record], deletes: [] })
  await store.close()
  const left = segments()
  expect(left).toEqual(['0000000002.log', '0000000003.log'])
  cpSync(copy, join(log, first))
  writeFileSync(join(log, '0000000004.log.new'), 'half')
  expect((await read()).size).toBe(1)
  expect(segments()).toEqual(left)
})

test('makes files that only the owner may read, and does not open one of a later version', async () => {
  await fill(1, 9)
  expect(statSync(log).mode & 0o777).toBe(0o700)
  expect(statSync(join(log, first)).mode & 0o777).toBe(0o600)
  const content = readFileSync(join(log, first))
  content.writeUInt32LE(99, 8)
  writeFileSync(join(log, first), content)
  await expect(openLogStore(log)).rejects.toThrow('layout 99')
  writeFileSync(join(log, first), 'This is a text and no log. '.repeat(10))
  await expect(openLogStore(log)).rejects.toThrow('not a log')
})

test("commits while all of Node's pool threads wait", async () => {
  const store = await openLogStore(log)
  const pipes = Array.from({ length: 16 }, (_each, i) => join(folder, `pipe ${i}`))
  execFileSync('mkfifo', pipes)
  // Opening a pipe for reading holds a thread of the pool until somebody opens it for writing.
  const readers: Promise<FileHandle>[] = pipes.map((pipe) => open(pipe, 'r'))
  await store.commit({ puts: [{ kind: 'will', key: 'k', fields: '{}', body: undefined }], deletes: [] })
  const writers = pipes.map((pipe) => openSync(pipe, 'r+'))
  for (const reader of readers) await (await reader).close()
  for (const writer of writers) closeSync(writer)
  await store.close()
  expect((await read()).size).toBe(1)
})

test('keeps nothing of a batch that a full disk takes in part, and goes on when there is room', async () => {
  // A limit on the size of a file stands for the full disk: the system takes a part of the write and then refuses.
  const program = join(import.meta.dirname, 'testing/full-disk-process.ts')
  const command = `trap '' XFSZ; ulimit -f 64; exec "$0" "$1" "$2"`
  const { stdout, stderr } = spawnSync('bash', ['-c', command, process.execPath, program, log], { encoding: 'utf8' })
  expect(stderr).toBe('')
  const kept = JSON.parse(stdout) as string[]
  expect(kept.length).toBeGreaterThan(2)
  expect([...(await read()).keys()].toSorted()).toEqual(kept.toSorted())
})
