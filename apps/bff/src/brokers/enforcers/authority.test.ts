import { expect, it } from 'vitest'
import { makeEnforcersAuthority } from './authority.ts'
import { isIssuedBy, splitPem } from './authority-certificates.ts'
import { needsReplacement } from './list.ts'

const dayMs = 24 * 60 * 60_000
const now = new Date('2026-11-29T12:00:00Z')

it('the CA of the agents must be replaced half a year before its end, unless its replacement has begun', async () => {
  const { certificatePem: certificate } = await makeEnforcersAuthority({ now: () => now })
  const end = now.getTime() + 30 * 365 * dayMs
  const [early, late] = [new Date(end - 183 * dayMs), new Date(end - 181 * dayMs)]
  expect(needsReplacement([{ certificate }], early)).toBe(false)
  expect(needsReplacement([{ certificate }], late)).toBe(true)
  expect(needsReplacement([{ certificate }, { certificate }], late)).toBe(false)
  expect(needsReplacement([], late)).toBe(false)
})

it('distinguishes two CAs of the same name by their keys', async () => {
  const [one, other] = [
    await makeEnforcersAuthority({ now: () => now }),
    await makeEnforcersAuthority({ now: () => now }),
  ]
  expect(isIssuedBy(one.certificatePem, one.certificatePem)).toBe(true)
  expect(isIssuedBy(one.certificatePem, other.certificatePem)).toBe(false)
  const both = [one.certificatePem, other.certificatePem]
  expect(splitPem(both.join('')).map((pem) => `${pem}\n`)).toEqual(both)
})
