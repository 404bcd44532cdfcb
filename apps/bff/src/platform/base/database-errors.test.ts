import { describe, expect, it } from 'vitest'
import { isDamaged, isStorageFull, isUnavailable, unlessStorageFull } from './database-errors.ts'

const errorWith = (code: string) => Object.assign(new Error('it failed'), { code })

describe('a full disk', () => {
  it.each(['SQLITE_FULL', 'ENOSPC', 'EDQUOT', '53100'])('is recognised by %s', (code) => {
    expect(isStorageFull(errorWith(code))).toBe(true)
  })

  it.each(['SQLITE_BUSY', '53300', 'ENOENT'])('is not recognised by %s', (code) => {
    expect(isStorageFull(errorWith(code))).toBe(false)
  })

  it('does not fail an optional write; other errors do', async () => {
    await expect(unlessStorageFull(Promise.reject(errorWith('SQLITE_FULL')))).resolves.toBeUndefined()
    await expect(unlessStorageFull(Promise.reject(errorWith('SQLITE_BUSY')))).rejects.toThrow('it failed')
  })
})

it.each(['SQLITE_CORRUPT', 'SQLITE_CORRUPT_INDEX', 'SQLITE_NOTADB', 'XX001'])(
  'recognises a damaged file by %s',
  (code) => {
    expect(isDamaged(errorWith(code))).toBe(true)
  },
)

it('treats a PostgreSQL server at its connection limit as unavailable', () => {
  expect(isUnavailable(errorWith('53300'))).toBe(true)
})
