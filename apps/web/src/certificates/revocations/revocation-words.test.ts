import { expect, test } from 'vitest'
import { otherKeysWords } from './revocation-words.ts'

const key = (name: string, isCovered: boolean) => ({ fingerprint: name, name, isCovered })

test('says for which keys of the same name a list counts, and for which it does not', () => {
  expect(otherKeysWords([])).toBe('')
  expect(otherKeysWords([key('Plant 2024', true)])).toBe('It also applies to certificates signed by “Plant 2024”.')
  expect(otherKeysWords([key('Plant 2024', true), key('Twin', false)])).toBe(
    'It also applies to certificates signed by “Plant 2024”. It does not apply to certificates signed by “Twin”, with the same name and another key.',
  )
  const many = ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((name) => key(name, true))
  expect(otherKeysWords(many)).toContain('“E” and 2 more.')
})
