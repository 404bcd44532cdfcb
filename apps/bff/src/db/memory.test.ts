import { expect, test } from 'vitest'
import { makeMemory } from './memory.ts'

function memoryAt() {
  let version = 1
  let loads = 0
  const memory = makeMemory(async () => version)
  return {
    recall: (key: string) => memory.recall(key, async () => ({ key, load: ++loads })),
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
  const memory = makeMemory(async () => version)
  const slow = memory.recall('a', async () => {
    const read = value
    value = 'after'
    version++
    return read
  })
  expect(await slow).toBe('before')
  expect(await memory.recall('a', async () => value)).toBe('after')
})

test('keeps a thousand answers', async () => {
  const { recall, loads } = memoryAt()
  for (let index = 0; index <= 1_000; index++) await recall(String(index))
  await recall('1000')
  expect(loads()).toBe(1_001)
  await recall('0')
  expect(loads()).toBe(1_002)
})
