// @postgres
/** The plan table of `user-index-store.ts`. That all plans find the same users is tested in `user-search.test.ts`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeDatabase, type TestDatabase } from '../../../test/database.ts'
import { insertRole } from '../../access/roles/store.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { migrate } from '../../platform/db/migrate.ts'
import { openDatabase } from '../../platform/db/open.ts'
import type { UserFilters } from './filter-store.ts'
import { insertUsers, type NewUser } from './insert-store.ts'
import { choosePlan, readQuery } from './user-index-store.ts'
import type { SortField } from './walk-store.ts'

const at = '2026-11-01T10:00:00.000Z'
// More than are sorted.
const count = 1_200

let folder: string
let database: TestDatabase
let open: OpenDatabase

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-index-'))
  database = await makeDatabase(folder)
  open = await openDatabase(database.place)
  await migrate(open)
  await open.db.transaction().execute(async (trx) => {
    for (const id of ['common', 'rare']) {
      await insertRole(trx, {
        id,
        name: id,
        description: null,
        builtIn: false,
        permissions: [],
        createdAt: at,
        version: 1,
      })
    }
    await insertUsers(
      trx,
      Array.from({ length: count }, (_, n) => newUser(n)),
    )
  })
})
afterAll(async () => {
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})

it.each<[kind: string, field: SortField, filters: UserFilters]>([
  ['all', 'username', {}],
  ['all', 'createdAt', { search: '' }],
  ['sort', 'username', { 'username[eq]': 'device-0007' }],
  ['sort', 'username', { search: '0007' }],
  ['sort', 'createdAt', { search: '0007' }],
  // All 1,200 users: a text search by name is sorted up to 10,000 users, another order up to 1,000.
  ['sort', 'username', { search: 'device' }],
  ['walk', 'createdAt', { search: 'device' }],
  // The trigrams also find display names, so the path does not have exactly the wanted users.
  ['walk', 'username', { 'username[contains]': 'device' }],
  // Too short for trigrams.
  ['ranges', 'username', { search: 'de' }],
  ['walk', 'createdAt', { search: 'de' }],
  ['walk', 'username', { 'username[contains]': 'de' }],
  ['ranges', 'username', { 'kind[eq]': 'machine' }],
  ['walk', 'lastSignInAt', { 'kind[eq]': 'machine' }],
  ['sort', 'lastSignInAt', { 'kind[eq]': 'person' }],
  ['walk', 'username', { 'kind[eq]': 'machine', search: 'de' }],
  ['sort', 'username', { 'kind[eq]': 'machine', search: '0007' }],
  // A role has its users in the order of names.
  ['walk', 'username', { 'role[eq]': 'rare' }],
  ['sort', 'createdAt', { 'role[eq]': 'rare' }],
  ['walk', 'createdAt', { 'role[eq]': 'common' }],
])('takes the plan "%s" in the order of %s for %j', async (kind, field, filters) => {
  const query = await readQuery(open.reader, filters)
  expect((await choosePlan(open.reader, query, field)).kind).toBe(kind)
})

function newUser(n: number): NewUser {
  return {
    id: `user-${n}`,
    username: `device-${String(n).padStart(4, '0')}`,
    displayName: null,
    kind: n % 100 === 0 ? 'person' : 'machine',
    identityProvider: 'local',
    grantTypes: [],
    roles: n % 100 === 0 ? ['common', 'rare'] : ['common'],
    permissions: [],
    mqttPublishPrefix: null,
    tags: [],
    passwordHash: null,
    mustChangePassword: false,
    mfaRequired: false,
    disabledAt: null,
    createdAt: at,
    version: 1,
  }
}
