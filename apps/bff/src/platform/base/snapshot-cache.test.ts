import { expect, test } from 'vitest'
import { createSnapshotCache } from './snapshot-cache.ts'

function countingCache() {
  let version = 1
  let loads = 0
  const cache = createSnapshotCache({
    snapshot: async () => String(version),
    max: 10,
    isWorthKeeping: (answer) => answer !== 'too long',
  })
  return {
    getOrLoad: (key: string) => cache.getOrLoad(key, async () => ({ key, load: ++loads })),
    long: (key: string) => cache.getOrLoad(key, async () => (++loads, 'too long')),
    fail: (key: string) => cache.getOrLoad(key, () => Promise.reject(new Error('not now'))),
    commit: () => version++,
    loads: () => loads,
  }
}

test('loads once until a commit, then again', async () => {
  const { getOrLoad, commit } = countingCache()
  expect(await getOrLoad('a')).toEqual({ key: 'a', load: 1 })
  expect(await getOrLoad('a')).toEqual({ key: 'a', load: 1 })
  expect(await getOrLoad('b')).toEqual({ key: 'b', load: 2 })
  commit()
  expect(await getOrLoad('a')).toEqual({ key: 'a', load: 3 })
})

test('shares one load between concurrent calls', async () => {
  const { getOrLoad, loads } = countingCache()
  await Promise.all([getOrLoad('a'), getOrLoad('a'), getOrLoad('a')])
  expect(loads()).toBe(1)
})

test('does not cache a failure', async () => {
  const { getOrLoad, fail } = countingCache()
  await expect(fail('a')).rejects.toThrow('not now')
  expect(await getOrLoad('a')).toEqual({ key: 'a', load: 1 })
})

test('does not cache for later calls what was read while a commit happened', async () => {
  let version = 1
  let value = 'before'
  const cache = createSnapshotCache({ snapshot: async () => String(version), max: 10 })
  const slow = cache.getOrLoad('a', async () => {
    const read = value
    value = 'after'
    version++
    return read
  })
  expect(await slow).toBe('before')
  expect(await cache.getOrLoad('a', async () => value)).toBe('after')
})

test('loads each time what is not worth caching', async () => {
  const { long, loads } = countingCache()
  await long('a')
  await long('a')
  expect(loads()).toBe(2)
})

test('caches no more entries than its maximum', async () => {
  const { getOrLoad, loads } = countingCache()
  for (let index = 0; index <= 10; index++) await getOrLoad(String(index))
  await getOrLoad('10')
  expect(loads()).toBe(11)
  await getOrLoad('0')
  expect(loads()).toBe(12)
})

test('drops the least recently used entry, and keeps one that is used all the time', async () => {
  const { getOrLoad, loads } = countingCache()
  for (let index = 0; index < 10; index++) await getOrLoad(String(index))
  await getOrLoad('0')
  await getOrLoad('10')
  await getOrLoad('0')
  expect(loads()).toBe(11)
  await getOrLoad('1')
  expect(loads()).toBe(12)
})
