import { expect, it } from 'vitest'
import { makeEnforcersAuthority } from '../enforcers/authority.ts'
import { changedAuthorities, newestAuthority } from './authorities.ts'

const clock = { now: () => new Date('2026-11-29T12:00:00Z') }
const [known, next, foreign] = await Promise.all([1, 2, 3].map(() => makeEnforcersAuthority(clock)))
const identity = (authority = '') => ({
  enforcerId: 'agent',
  brokerName: 'hall-2',
  console: 'https://127.0.0.1',
  certificate: '',
  key: '',
  authority,
})
const [one = '', two = '', three = ''] = [known, next, foreign].map((made) => made?.certificatePem)

it('takes the CAs that the console names if it knows one of them', () => {
  expect(changedAuthorities(identity(one), [one])).toBeNull()
  const both = changedAuthorities(identity(one), [one, two]) ?? ''
  expect(newestAuthority(identity(both))).toBe(newestAuthority(identity(two)))
  expect(changedAuthorities(identity(both), [one, two])).toBeNull()
  expect(changedAuthorities(identity(both), [two])).toBe(two)
})

it('refuses CAs if it knows none of them, and a text that is no certificate', () => {
  expect(() => changedAuthorities(identity(one), [three])).toThrow('it names no CA that is known')
  expect(() => changedAuthorities(identity(one), [one, 'rubbish'])).toThrow('it names a CA that cannot be read')
})
