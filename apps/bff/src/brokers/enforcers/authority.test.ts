import { expect, it } from 'vitest'
import { makeEnforcersAuthority } from './authority.ts'
import { isIssuedBy, splitPem } from './authority-certificates.ts'
import { endsSoon } from './list.ts'

const dayMs = 24 * 60 * 60_000
const now = new Date('2026-11-29T12:00:00Z')

it('the CA of the agents ends soon half a year before its end', async () => {
  const { certificatePem } = await makeEnforcersAuthority({ now: () => now })
  const end = now.getTime() + 30 * 365 * dayMs
  expect(endsSoon(certificatePem, new Date(end - 183 * dayMs))).toBe(false)
  expect(endsSoon(certificatePem, new Date(end - 181 * dayMs))).toBe(true)
})

it('two CAs of the same name are told apart by their keys', async () => {
  const [one, other] = [
    await makeEnforcersAuthority({ now: () => now }),
    await makeEnforcersAuthority({ now: () => now }),
  ]
  expect(isIssuedBy(one.certificatePem, one.certificatePem)).toBe(true)
  expect(isIssuedBy(one.certificatePem, other.certificatePem)).toBe(false)
  const both = [one.certificatePem, other.certificatePem]
  expect(splitPem(both.join('')).map((pem) => `${pem}\n`)).toEqual(both)
})
