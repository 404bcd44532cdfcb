import { expect, test } from 'vitest'
import { generatePassword } from './generate-password.ts'
import { passwordRules } from './password-rule-words.ts'

const lenient = { min: 15, minWithFactor: 12, lower: 0, upper: 0, numeric: 0, symbol: 0, blocklist: true }

test('makes readable groups, and another password each time', () => {
  const made = generatePassword(lenient)
  expect(made).toMatch(/^[A-HJKMNP-Za-hjkmnp-z2-9]{5}(-[A-HJKMNP-Za-hjkmnp-z2-9]{5}){3}$/)
  expect(generatePassword(lenient)).not.toBe(made)
})

test('meets the strictest policy', () => {
  const strict = { min: 40, minWithFactor: 40, lower: 8, upper: 8, numeric: 6, symbol: 5, blocklist: true }
  expect(passwordRules(strict, generatePassword(strict)).filter(({ isMet }) => !isMet)).toEqual([])
})
