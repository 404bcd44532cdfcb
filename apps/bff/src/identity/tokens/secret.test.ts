import { crc32 } from 'node:zlib'
import { tokenPattern } from '@gatehouse/contract/identity/tokens'
import { expect, it } from 'vitest'
import { mayBeToken, newTokenSecret } from './secret.ts'

const made = Array.from({ length: 1_000 }, newTokenSecret)

it('differs each time and matches the token pattern', () => {
  expect(new Set(made).size).toBe(made.length)
  for (const secret of made) expect(secret).toMatch(tokenPattern)
})

it('uses every character in every place except the first, which 256 bits do not fill', () => {
  for (let at = 5; at < 47; at++) expect([at, new Set(made.map((secret) => secret[at])).size]).toEqual([at, 62])
})

it('ends in the CRC-32 of its random part in base 62', () => {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  for (const secret of made) {
    const sum = Array.from(secret.slice(-6)).reduce((value, digit) => value * 62 + digits.indexOf(digit), 0)
    expect(sum).toBe(crc32(secret.slice(4, -6)))
    expect(mayBeToken(secret)).toBe(true)
  }
})

it('is rejected with one character changed', () => {
  const [secret = ''] = made
  for (let at = 4; at < secret.length; at++) {
    const other = secret[at] === 'x' ? 'y' : 'x'
    expect(mayBeToken(secret.slice(0, at) + other + secret.slice(at + 1))).toBe(false)
  }
  for (const other of ['gth_', secret.slice(0, -1), `${secret}0`]) expect(mayBeToken(other)).toBe(false)
})

it('is accepted in the format from before the prefix', () => {
  expect(mayBeToken('A'.repeat(43))).toBe(true)
})
