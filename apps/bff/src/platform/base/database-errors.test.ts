import { describe, expect, it } from 'vitest'
import { isDamaged, isStorageFull, isUnavailable, unlessStorageFull } from './database-errors.ts'

const errorWith = (code: string) => Object.assign(new Error('it failed'), { code })

describe('a full disk', () => {
  it.each(['SQLITE_FULL', 'ENOSPC', 'EDQUOT', '53100'])('is known by %s', (code) => {
    expect(isStorageFull(errorWith(code))).toBe(true)
  })

  it.each(['SQLITE_BUSY', '53300', 'ENOENT'])('is not what %s says', (code) => {
    expect(isStorageFull(errorWith(code))).toBe(false)
  })

  it('does not fail a write that may be left out, and other errors do', async () => {
    await expect(unlessStorageFull(Promise.reject(errorWith('SQLITE_FULL')))).resolves.toBeUndefined()
    await expect(unlessStorageFull(Promise.reject(errorWith('SQLITE_BUSY')))).rejects.toThrow('it failed')
  })
})

it.each(['SQLITE_CORRUPT', 'SQLITE_CORRUPT_INDEX', 'SQLITE_NOTADB', 'XX001'])(
  'a damaged file is known by %s',
  (code) => {
    expect(isDamaged(errorWith(code))).toBe(true)
  },
)

it('a PostgreSQL server at its limit of connections is unavailable', () => {
  expect(isUnavailable(errorWith('53300'))).toBe(true)
})
