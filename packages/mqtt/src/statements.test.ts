/** Every normative statement of both specifications has a test, or a reason why not; and every test named exists. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { notShown5, sections5, shown5 } from './testing/statements-5.ts'
import { notShown311, sections311, shown311 } from './testing/statements-311.ts'

const titles = globSync('**/*.test.ts', { cwd: import.meta.dirname })
  .map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
  .join('\n')

const idsOf = (table: Record<string, string>): string[] => Object.values(table).flatMap((ids) => ids.split(' '))

describe.each([
  ['5.0', shown5, notShown5, sections5],
  ['3.1.1', shown311, notShown311, sections311],
])('MQTT %s', (_version, shown, notShown, sections) => {
  const expected = Object.entries(sections).flatMap(([section, highest]) =>
    Array.from({ length: highest }, (_, i) => `${section}-${i + 1}`),
  )
  const listed = new Set([...idsOf(shown), ...idsOf(notShown)])

  test('every statement has a test or a reason', () => {
    expect(expected.filter((id) => !listed.has(id))).toEqual([])
  })

  test('no statement has both', () => {
    const reasoned = new Set(idsOf(notShown))
    expect(idsOf(shown).filter((id) => reasoned.has(id))).toEqual([])
  })

  test('every test that is named exists', () => {
    const missing = Object.keys(shown).filter(
      (title) => !titles.includes(`'${title}'`) && !titles.includes(`"${title}"`),
    )
    expect(missing).toEqual([])
  })
})
