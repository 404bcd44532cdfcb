import { brotliDecompressSync } from 'node:zlib'
import { users } from '@gatehouse/contract/identity/users'
import { expect, test } from 'vitest'
import { CachedResponse, createResponseCache, readCachedResponse } from './cached-response.ts'
import type { Encoding } from './encoding.ts'

const empty = { items: [], nextCursor: null, total: 0 }

function asking(answer: (search: { limit: number }) => unknown) {
  let version = 1
  let asked = 0
  const cache = createResponseCache(async () => String(version))
  const kept = new CachedResponse<typeof users.list>(async ({ search }) => {
    asked++
    return answer(search) as typeof empty
  })
  const getOrLoad = (limit: number, encoding: Encoding) => {
    const input = { params: undefined, search: { limit }, body: undefined }
    const url = `/users?limit=${limit}`
    return readCachedResponse(cache, { route: users.list, kept, encoding, url, read: async () => input })
  }
  return {
    getOrLoad,
    ask: async (limit: number) => JSON.parse(String((await getOrLoad(limit, 'identity')).bytes)),
    commit: () => version++,
    asked: () => asked,
  }
}

test('computes a response once until the next commit', async () => {
  const { ask, commit, asked } = asking(({ limit }) => ({ ...empty, total: limit }))
  expect(await ask(25)).toEqual({ ...empty, total: 25 })
  expect(await ask(25)).toEqual({ ...empty, total: 25 })
  expect(await ask(50)).toEqual({ ...empty, total: 50 })
  expect(asked()).toBe(2)
  commit()
  await ask(25)
  expect(asked()).toBe(3)
})

test('caches and sends only what the contract names', async () => {
  const { ask } = asking(() => ({ ...empty, passwordHash: 'secret' }))
  expect(await ask(25)).toEqual(empty)
  expect(await ask(25)).toEqual(empty)
})

test('fails each time for a value that breaks the contract, and does not cache it', async () => {
  const { ask, asked } = asking(() => ({ items: 'none' }))
  await expect(ask(25)).rejects.toThrow('Invalid input')
  await expect(ask(25)).rejects.toThrow('Invalid input')
  expect(asked()).toBe(2)
})

test('computes a response again if it is too long to cache', async () => {
  const { ask, asked } = asking(() => ({ ...empty, nextCursor: 'x'.repeat(256 * 1_024) }))
  await ask(25)
  await ask(25)
  expect(asked()).toBe(2)
})

test('compresses a response once, from the cached plain one, until the next commit', async () => {
  const long = 'a cursor '.repeat(200)
  const { ask, getOrLoad, commit, asked } = asking(() => ({ ...empty, nextCursor: long }))
  const first = await getOrLoad(25, 'br')
  expect(first.encoding).toBe('br')
  expect(JSON.parse(String(brotliDecompressSync(first.bytes)))).toEqual({ ...empty, nextCursor: long })
  expect(await getOrLoad(25, 'br')).toBe(first)
  expect(await ask(25)).toEqual({ ...empty, nextCursor: long })
  expect((await getOrLoad(25, 'gzip')).encoding).toBe('gzip')
  expect(asked()).toBe(1)
  commit()
  expect(await getOrLoad(25, 'br')).not.toBe(first)
  expect(asked()).toBe(2)
})
