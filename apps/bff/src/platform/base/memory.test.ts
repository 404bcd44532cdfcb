import { expect, test } from 'vitest'
import { makeMemory } from './memory.ts'

function memoryAt() {
  let version = 1
  let loads = 0
  const memory = makeMemory({
    snapshot: async () => String(version),
    max: 10,
    isWorthKeeping: (answer) => answer !== 'too long',
  })
  return {
    recall: (key: string) => memory.recall(key, async () => ({ key, load: ++loads })),
    long: (key: string) => memory.recall(key, async () => (++loads, 'too long')),
    fail: (key: string) => memory.recall(key, () => Promise.reject(new Error('not now'))),
    commit: () => version++,
    loads: () => loads,
  }
}

test('reads once until somebody commits, then again', async () => {
  const { recall, commit } = memoryAt()
  expect(await recall('a')).toEqual({ key: 'a', load: 1 })
  expect(await recall('a')).toEqual({ key: 'a', load: 1 })
  expect(await recall('b')).toEqual({ key: 'b', load: 2 })
  commit()
  expect(await recall('a')).toEqual({ key: 'a', load: 3 })
})

test('those who ask at once share one answer', async () => {
  const { recall, loads } = memoryAt()
  await Promise.all([recall('a'), recall('a'), recall('a')])
  expect(loads()).toBe(1)
})

test('a failure is not kept', async () => {
  const { recall, fail } = memoryAt()
  await expect(fail('a')).rejects.toThrow('not now')
  expect(await recall('a')).toEqual({ key: 'a', load: 1 })
})

test('what was being read while somebody committed is not kept for those who come after', async () => {
  let version = 1
  let value = 'before'
  const memory = makeMemory({ snapshot: async () => String(version), max: 10 })
  const slow = memory.recall('a', async () => {
    const read = value
    value = 'after'
    version++
    return read
  })
  expect(await slow).toBe('before')
  expect(await memory.recall('a', async () => value)).toBe('after')
})

test('what is not worth keeping is read each time', async () => {
  const { long, loads } = memoryAt()
  await long('a')
  await long('a')
  expect(loads()).toBe(2)
})

test('keeps no more than it may', async () => {
  const { recall, loads } = memoryAt()
  for (let index = 0; index <= 10; index++) await recall(String(index))
  await recall('10')
  expect(loads()).toBe(11)
  await recall('0')
  expect(loads()).toBe(12)
})
