import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testMemoryKib } from '../../../test/app.ts'
import { Problem } from '../../platform/base/problem.ts'
import { defaultPolicies } from '../../platform/policies/store.ts'
import { hashPassword, hashWithMemoryForTests, verifyPassword } from './hashing.ts'
import { requireGoodPassword } from './policy.ts'

const policy = defaultPolicies.password

/** The rule that this password breaks; null if it breaks none. */
function broken(
  password: string,
  { hasFactor = false, ...changes }: Partial<typeof policy> & { hasFactor?: boolean } = {},
) {
  try {
    requireGoodPassword({ ...policy, ...changes }, { password, username: 'Packer-07', field: 'it', hasFactor })
    return null
  } catch (error) {
    return error instanceof Problem ? error.details.fields?.it : error
  }
}

describe('a password', () => {
  it.each([
    ['of fourteen characters', 'aB3$aB3$aB3$aB', 'password_too_short'],
    ['of fifteen', 'aB3$aB3$aB3$aB3', null],
    ['of fourteen whose emoji are two code units each', '🏭'.repeat(14), 'password_too_short'],
    ['of fifteen emoji', '🏭'.repeat(15), null],
    ['of spaces between words', 'correct horse battery', null],
    ['of spaces only', ' '.repeat(15), null],
    ['that is the username twice', 'packer-07PACKER-07', 'password_is_username'],
    ['with the username in it', 'packer-07 and more', null],
    ['of 1,024 characters', 'x'.repeat(1_024), null],
  ])('%s', (_what, password, expected) => {
    expect(broken(password)).toBe(expected)
  })

  it('may be shorter for a user with a second factor', () => {
    expect(broken('twelve chars', { hasFactor: true })).toBeNull()
    expect(broken('eleven char', { hasFactor: true })).toBe('password_too_short')
  })

  it.each([
    [{ lower: 1 }, 'ABCDEFGHIJKLMN1', 'password_lower'],
    [{ upper: 2 }, 'abcdefghijklmnÖ', 'password_upper'],
    [{ upper: 2 }, 'abcdefghijklmÄÖ', null],
    [{ numeric: 3 }, 'abcdefghijklm12', 'password_numeric'],
    [{ numeric: 3 }, 'abcdefghijkl١٢٣', null],
    [{ symbol: 1 }, 'abcdefghijklmn1', 'password_symbol'],
    [{ symbol: 1 }, 'abcdefghijklmn ', null],
  ])('is held to %o', (changes, password, expected) => {
    expect(broken(password, changes)).toBe(expected)
  })

  it('that has leaked is refused in any case, but not as a part of a longer one', () => {
    expect(broken('Password123', { min: 8 })).toBe('password_common')
    expect(broken('Password123', { min: 8, blocklist: false })).toBeNull()
    expect(broken('Password123 and more', { min: 8 })).toBeNull()
  })
})

describe('a hash', () => {
  beforeAll(() => hashWithMemoryForTests(null))
  afterAll(() => hashWithMemoryForTests(testMemoryKib))

  it('is argon2id with 46 MiB, differs each time, and matches only the whole password', async () => {
    const password = `${'x'.repeat(100)} end `
    const [one, other] = [await hashPassword(password), await hashPassword(password)]
    expect(one).toMatch(/^\$argon2id\$v=19\$m=47104,t=1,p=1\$/)
    expect(other).not.toBe(one)
    expect(await verifyPassword(one, password)).toBe(true)
    for (const wrong of [password.trim(), password.slice(0, 72), password.toUpperCase(), '', `${password}\0`]) {
      expect(await verifyPassword(one, wrong)).toBe(false)
    }
    expect(await verifyPassword(null, password)).toBe(false)
  })
})
