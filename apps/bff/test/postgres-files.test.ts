import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { filesOnPostgres } from './postgres-files.ts'

const source = join(import.meta.dirname, '../src')
const featuresWithStore = [...new Set(globSync('**/*store.ts', { cwd: source }).map((file) => dirname(file)))]
const tagged = filesOnPostgres({ isAll: false }).map((file) => file.replace('apps/bff/src/', ''))

/** One test file runs the statements of these stores. By feature: the import by which that file reaches its store. */
const walk = 'platform/db/stores.postgres.test.ts'
const inWalk: Record<string, string> = {
  'brokers/embedded': 'contract/brokers/admission-rules',
  'brokers/enforcers': 'contract/brokers/enforcers',
  'brokers/listeners': 'contract/brokers/listeners',
  'certificates/authorities': 'contract/certificates/authorities',
  'certificates/crls': 'contract/certificates/crls',
  'identity/second-factors': 'contract/identity/second-factors',
  'identity/single-sign-on': 'identity/single-sign-on/store.ts',
  'platform/policies': 'contract/operations/settings',
}

/** These features have no routes. The tests of others reach their stores. */
const testedIn: Record<string, string> = {
  'brokers/mosquitto': 'brokers/cedalo',
  'platform/audit': 'operations/audit',
}

const isInWalk = (feature: string) => Object.hasOwn(inWalk, feature)

test.each(featuresWithStore.filter((feature) => !isInWalk(feature)))(
  '%s: its store is tested on PostgreSQL',
  (feature) => {
    const folder = testedIn[feature] ?? feature
    expect(tagged.filter((file) => dirname(file) === folder)).not.toEqual([])
  },
)

test.each(Object.entries(inWalk))('%s: its store is tested on PostgreSQL, by the walk', (feature, imported) => {
  expect(featuresWithStore).toContain(feature)
  expect(readFileSync(join(source, walk), 'utf8')).toContain(`${imported}'`)
})

test('--all runs every tagged file, and more', () => {
  const all = filesOnPostgres({ isAll: true })
  expect(all).toEqual(expect.arrayContaining(filesOnPostgres({ isAll: false })))
  expect(all.length).toBeGreaterThan(tagged.length)
})
