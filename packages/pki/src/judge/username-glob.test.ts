import { assert, constantFrom, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { costMs } from '../testing/time.ts'
import { usernameMatches } from './username-glob.ts'

test.each([
  ['alice', 'alice', true],
  ['alice', 'Alice', false],
  ['alice', 'alice2', false],
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'anything', true],
  ['**', 'anything', true],
  ['line-3-*', 'line-3-a', true],
  ['line-3-*', 'line-3-', true],
  ['line-3-*', 'line-30', false],
  ['*-a', 'b-a', true],
  ['*-a', '-ab', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'a-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['*ab*ab*', 'abab', true],
  ['*ab*ab*', 'abb', false],
  ['a.c', 'abc', false],
  ['a?c', 'abc', false],
  ['[a]', 'a', false],
  ['a\\*', 'a\\b', true],
])('glob %j, username %j: %s', (glob, username, expected) => {
  expect(usernameMatches(glob, username)).toBe(expected)
})

test('agrees with a regular expression', () => {
  const text = string({ unit: constantFrom('a', 'b', '*', '.'), maxLength: 8 })
  assert(
    property(text, text, (glob, username) => {
      const pattern = glob.replaceAll('.', String.raw`\.`).replaceAll('*', '.*')
      expect(usernameMatches(glob, username)).toBe(new RegExp(`^${pattern}$`, 's').test(username))
    }),
    { numRuns: 3000 },
  )
})

test('takes little time where backtracking would be exponential', async () => {
  const glob = `${'*a'.repeat(2000)}b`
  expect(await costMs(() => expect(usernameMatches(glob, 'a'.repeat(4000))).toBe(false), 50)).toBeLessThan(50)
})
