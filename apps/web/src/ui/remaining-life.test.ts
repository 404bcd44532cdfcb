import { expect, test } from 'vitest'
import { remainingLife } from './remaining-life.ts'

const dayMs = 86_400_000
const yearMs = 365 * dayMs

test.each([
  ['a year', yearMs, 'valid', null],
  ['60 days', 60 * dayMs, 'valid', null],
  ['59 days', 59.5 * dayMs, 'soon', '59 days'],
  ['30 days', 30 * dayMs, 'soon', '30 days'],
  ['29 days', 29.9 * dayMs, 'expiring', '29 days'],
  ['7 days', 7 * dayMs, 'expiring', '7 days'],
  ['6 days', 6.9 * dayMs, 'urgent', '6 days left'],
  ['a day and a half', 1.5 * dayMs, 'urgent', '36 hours left'],
  ['a minute', 60_000, 'urgent', '1 hour left'],
  ['nothing', 0, 'refused', 'expired'],
  ['less than nothing', -1, 'refused', 'expired'],
])('%s left', (_what, leftMs, status, label) => {
  const now = Date.parse('2026-11-22T00:00:00Z')
  expect(remainingLife(now - yearMs, now + leftMs, now)).toMatchObject({ status, label })
})

test('the share is of the whole time', () => {
  expect(remainingLife(0, 4 * yearMs, yearMs).share).toBe(0.75)
  expect(remainingLife(0, 4 * yearMs, 5 * yearMs).share).toBe(0)
  // A certificate that ends before it begins divides by nothing.
  expect(remainingLife(2, 1, 0).share).toBe(1)
})

test('says that a certificate is not yet valid', () => {
  expect(remainingLife(2 * yearMs, 3 * yearMs, yearMs)).toEqual({ share: 1, status: 'off', label: 'not yet valid' })
})
