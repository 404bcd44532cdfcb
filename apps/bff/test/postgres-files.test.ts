import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { filesOnPostgres } from './postgres-files.ts'

const source = join(import.meta.dirname, '../src')
const featuresWithStore = [...new Set(globSync('**/*store.ts', { cwd: source }).map((file) => dirname(file)))]
const tagged = filesOnPostgres({ isAll: false }).map((file) => file.replace('apps/bff/src/', ''))

/** These features have no routes. The tests of others reach their stores. */
const testedIn: Record<string, string> = {
  'platform/audit': 'operations/audit',
  'platform/policies': 'operations/settings',
}

test.each(featuresWithStore)('%s: its store is tested on PostgreSQL', (feature) => {
  const folder = testedIn[feature] ?? feature
  expect(tagged.filter((file) => dirname(file) === folder)).not.toEqual([])
})

test('--all runs every tagged file, and more', () => {
  const all = filesOnPostgres({ isAll: true })
  expect(all).toEqual(expect.arrayContaining(filesOnPostgres({ isAll: false })))
  expect(all.length).toBeGreaterThan(tagged.length)
})
