/** Hashes written by mosquitto_passwd 2.0.11, and by the rules of Mosquitto 2.1. */
import { createHash } from 'node:crypto'
import { hash } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { hashForeign, matchPassword } from './hashing.ts'
import { type ForeignHash, maxIterations, readForeignHash } from './imported-hash.ts'

const vectors: [name: string, hash: string, password: string][] = [
  [
    'PBKDF2 with 101 iterations',
    '$7$101$nIauxfo37+k1DPNw$9tH15CTYwzi9GM//0NVtXxsu6th0m+O1sU0h9xV2TUNQfLBRnjshlQavqIbpsANpFmX1k44avrB7AmAEJA1Hgg==',
    'old password',
  ],
  [
    'PBKDF2 with 1500 iterations',
    '$7$1500$hxXGRxHmUB3zR79n$BqtHtNutuYhXG6HDuh2ezAq1mHf4EiHN2JqlydJXC36+ED4Dg1thz2BFKy5ofpMjK6cIGqmSZFMn/o4KJ9LWdg==',
    'x$:y',
  ],
  [
    'SHA-512',
    '$6$meOnHr1wMxJexjxC$arOdrksaeYP7kwXIXWuxYipYyjo+ZZN7gxsHZbF/ftxFtChyb1Z/6oF0qQJn57pjbORqQdUVrPSfTDuR3dUsng==',
    'old pässword',
  ],
]

function read(text: string): ForeignHash {
  const foreign = readForeignHash(text)
  if (typeof foreign === 'string') throw new Error(foreign)
  return foreign
}

const any = { mostIterations: 0 }

describe('an imported hash', () => {
  it.each(vectors)('of %s accepts its password and no other', async (_name, text, password) => {
    const stored = await hashForeign(read(text))
    expect(await matchPassword(stored, password, any)).toBe('outdated')
    expect(await matchPassword(stored, `${password} `, any)).toBe('none')
    expect(await matchPassword(stored, '', any)).toBe('none')
  })

  it('of a decomposed password accepts the composed form that another keyboard sends', async () => {
    const [salt, composed, decomposed] = [Buffer.alloc(12, 7), 'M\u00fchle', 'Mu\u0308hle']
    const digest = createHash('sha512').update(decomposed).update(salt).digest('base64')
    const stored = await hashForeign(read(`$6$${salt.toString('base64')}$${digest}`))
    expect(await matchPassword(stored, decomposed, any)).toBe('outdated')
    expect(await matchPassword(stored, composed, any)).toBe('none')
  })

  it('of argon2id with the parameters of Mosquitto 2.1 is kept', async () => {
    const phc = await hash('old', { memoryCost: 47_104, timeCost: 1, parallelism: 1, outputLen: 64 })
    const stored = await hashForeign(read(phc))
    expect(await matchPassword(stored, 'old', any)).toBe('outdated')
    expect(await matchPassword(stored, 'new', any)).toBe('none')
  })

  it('counts as no password where imported ones are refused', async () => {
    const [, text = '', password = ''] = vectors[0] ?? []
    expect(await matchPassword(await hashForeign(read(text)), password)).toBe('none')
  })

  it('is not in the stored text: argon2id of it is', async () => {
    for (const [, text] of vectors) {
      const foreign = text.split('$').at(-1) ?? ''
      const stored = await hashForeign(read(text))
      expect(stored).toContain('$argon2id$v=19$')
      expect(stored).not.toContain(foreign)
      expect(stored).not.toContain(Buffer.from(foreign, 'base64').toString('hex'))
    }
  })
})

it('a check of an unknown user takes the iterations of the most expensive imported hash', async () => {
  const startedAt = performance.now()
  await matchPassword(null, 'any', { mostIterations: maxIterations })
  // 100,000 iterations of PBKDF2-HMAC-SHA512 take longer on any machine.
  expect(performance.now() - startedAt).toBeGreaterThan(20)
})

const salt = Buffer.alloc(12).toString('base64')
const digest = Buffer.alloc(64).toString('base64')

it.each([
  ['plain', 'not_hashed'],
  ['', 'not_hashed'],
  ['$6$', 'malformed_hash'],
  ['$1$abc$def', 'malformed_hash'],
  [`$6$${salt}$${Buffer.alloc(63).toString('base64')}`, 'malformed_hash'],
  [`$6$${Buffer.alloc(13).toString('base64')}$${digest}`, 'malformed_hash'],
  [`$7$0$${salt}$${digest}`, 'malformed_hash'],
  [`$7$-5$${salt}$${digest}`, 'malformed_hash'],
  [`$7$1e3$${salt}$${digest}`, 'malformed_hash'],
  [`$7$101$${salt}$${digest}$more`, 'malformed_hash'],
  [`$7$100001$${salt}$${digest}`, 'too_many_iterations'],
  [`$7$4294967297$${salt}$${digest}`, 'too_many_iterations'],
  ['$argon2id$v=19$m=4096,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g', 'argon2_parameters'],
  ['$argon2id$v=19$m=1048576,t=9,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g', 'argon2_parameters'],
  ['$argon2i$v=19$m=47104,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g', 'malformed_hash'],
])('refuses the hash %s as %s', (text, problem) => {
  expect(readForeignHash(text)).toBe(problem)
})
