import { expect, onTestFinished, test, vi } from 'vitest'
import { Journal } from './journal.ts'
import type { Batch, Store } from './store.ts'

/** Keeps the batches. A commit ends when the test says so. */
class SlowStore implements Store {
  readonly batches: Batch[] = []
  #ends: ((error?: Error) => void)[] = []

  async *load(): AsyncIterable<never> {
    // Nothing is stored.
  }

  commit(batch: Batch): Promise<void> {
    this.batches.push(batch)
    return new Promise((resolve, reject) => {
      this.#ends.push((error) => (error ? reject(error) : resolve()))
    })
  }

  async end(error?: Error): Promise<void> {
    while (this.#ends.length === 0) await new Promise((resolve) => setImmediate(resolve))
    this.#ends.shift()?.(error)
    await new Promise((resolve) => setImmediate(resolve))
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

/** Nothing throws here. */
const owner = { failed: () => undefined }

const record = (fields: string) => ({ toRecord: () => ({ fields, body: undefined }) })

function start(): { journal: Journal; store: SlowStore; said: string[]; failures: unknown[] } {
  const store = new SlowStore()
  const failures: unknown[] = []
  return { journal: new Journal(store, (error) => failures.push(error)), store, said: [], failures }
}

test('does not write a record that is deleted before its commit', async () => {
  const { journal, store, said } = start()
  journal.insert('outgoing', 'a', record('1'))
  journal.put('outgoing', 'a', record('2'))
  journal.delete('outgoing', 'a')
  journal.put('retained', 'b', record('3'))
  journal.afterCommit(() => said.push('safe'), owner)
  await store.end()
  expect(store.batches).toMatchObject([{ puts: [{ key: 'b', fields: '3' }], deletes: [] }])
  expect(said).toEqual(['safe'])
})

test('deletes a record whose commit is under way, in the next one', async () => {
  const { journal, store } = start()
  journal.insert('outgoing', 'a', record('1'))
  await expect.poll(() => store.batches.length).toBe(1)
  journal.delete('outgoing', 'a')
  journal.insert('outgoing', 'a', record('2'))
  await store.end()
  await store.end()
  expect(store.batches.map(({ puts, deletes }) => [puts.length, deletes.length])).toEqual([
    [1, 0],
    [1, 0],
  ])
  journal.delete('outgoing', 'a')
  await store.end()
  expect(store.batches[2]).toEqual({ puts: [], deletes: [{ kind: 'outgoing', key: 'a' }] })
})

test('answers in order, each after the commit of what was changed before it, and at once when nothing is', async () => {
  const { journal, store, said } = start()
  journal.afterCommit(() => said.push('at once'), owner)
  expect(said).toEqual(['at once'])
  journal.put('retained', 'a', record('1'))
  journal.afterCommit(() => said.push('first'), owner)
  await expect.poll(() => store.batches.length).toBe(1)
  journal.afterCommit(() => said.push('second'), owner)
  expect(said).toEqual(['at once'])
  await store.end()
  await journal.settle()
  expect(said).toEqual(['at once', 'first', 'second'])
})

test('tries a failed commit again, with what came meanwhile, and answers nothing before', async () => {
  const { journal, store, said, failures } = start()
  journal.insert('outgoing', 'a', record('1'))
  journal.insert('outgoing', 'b', record('1'))
  journal.afterCommit(() => said.push('first'), owner)
  await expect.poll(() => store.batches.length).toBe(1)
  journal.delete('outgoing', 'a')
  journal.put('outgoing', 'b', record('2'))
  journal.afterCommit(() => said.push('second'), owner)
  await store.end(new Error('the disk is full'))
  expect(failures).toHaveLength(1)
  expect(said).toEqual([])
  await expect.poll(() => store.batches.length, { timeout: 10_000 }).toBe(2)
  await store.end()
  expect(store.batches[1]).toMatchObject({ puts: [{ key: 'b', fields: '2' }], deletes: [] })
  expect(said).toEqual(['first', 'second'])
})

test('is behind when too many changes or answers wait', async () => {
  const { journal, store } = start()
  journal.put('retained', 'a', record('1'))
  for (let i = 0; i < 20_000; i++) journal.afterCommit(() => undefined, owner)
  expect(journal.isBehind).toBe(true)
  await store.end()
  expect(journal.isBehind).toBe(false)
})

test('still deletes a stored record if the commit of its deletion failed and it was written again meanwhile', async () => {
  const { journal, store } = start()
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  journal.delete('incoming', 'a')
  await expect.poll(() => store.batches.length).toBe(1)
  journal.insert('incoming', 'a', record('1'))
  await store.end(new Error('the disk is full'))
  journal.delete('incoming', 'a')
  await vi.advanceTimersByTimeAsync(1000)
  await store.end()
  expect(store.batches[1]).toMatchObject({ puts: [], deletes: [{ key: 'a' }] })
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('gathers what arrives in several turns after a large group, and commits at once after a small one', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { journal, store } = start()
  for (let at = 0; at < 20; at++) journal.insert('outgoing', `large ${at}`, record('x'))
  await store.end()
  for (const name of ['a', 'b', 'c']) {
    journal.insert('outgoing', name, record(name))
    await turn()
  }
  expect(store.batches).toHaveLength(1)
  vi.advanceTimersByTime(10)
  await store.end()
  journal.insert('outgoing', 'd', record('d'))
  await store.end()
  expect(store.batches.map(({ puts }) => puts.length)).toEqual([20, 3, 1])
})
