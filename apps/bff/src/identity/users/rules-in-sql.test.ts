// @postgres
/** Two rules exist as a function for one user and as SQL for many. The tests compare them on every combination of facts. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GrantMethod, User } from '@gatehouse/contract/identity/users'
import type { MfaPolicy } from '@gatehouse/contract/operations/settings'
import { type RawBuilder, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeDatabase, type TestDatabase } from '../../../test/database.ts'
import { insertRole } from '../../access/roles/store.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { migrate } from '../../platform/db/migrate.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { type FactorState, factorState } from '../second-factors/demand.ts'
import { maySignIn } from '../sign-in/may-sign-in.ts'
import { facetFilters, findFacets } from './facets-store.ts'
import { isInFactorState } from './factor-state-store.ts'
import { insertUsers, type NewUser } from './insert-store.ts'
import { maySignInSql } from './may-sign-in-store.ts'

const at = '2026-11-01T10:00:00.000Z'
const roleIds = ['role-a', 'role-b']

interface Generated {
  id: string
  grantTypes: User['grantTypes']
  disabledAt: string | null
  roles: string[]
  hasFactor: boolean
  isRequired: boolean
}

const users = everyCombination()
let folder: string
let database: TestDatabase
let open: OpenDatabase
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-rules-'))
  database = await makeDatabase(folder)
  open = await openDatabase(database.place)
  await migrate(open)
  await open.db.transaction().execute(async (trx) => {
    for (const id of roleIds) {
      const role = { id, name: id, description: null, builtIn: false, permissions: [], createdAt: at, version: 1 }
      await insertRole(trx, role)
    }
    await insertUsers(trx, users.map(toNewUser))
    for (const { id } of users.filter(({ hasFactor }) => hasFactor)) {
      await trx.updateTable('users').set({ mfa_enrolled_at: at }).where('id', '=', id).execute()
    }
  })
})
afterAll(async () => {
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})

const policies: MfaPolicy[] = [
  { requiredFor: 'nobody', roles: [] },
  { requiredFor: 'nobody', roles: ['role-a'] },
  { requiredFor: 'everyone', roles: [] },
  { requiredFor: 'roles', roles: [] },
  { requiredFor: 'roles', roles: ['role-a'] },
  { requiredFor: 'roles', roles: ['role-b', 'role-a'] },
]
const states: FactorState[] = ['on', 'missing', 'off']

describe('the state of the second factor', () => {
  it.each(policies)('is the same in SQL for %j', async (policy) => {
    for (const state of states) {
      const expected = users.filter(
        (user) => factorState(policy, { ...user, grants: user.grantTypes, roleIds: user.roles }) === state,
      )
      expect(await idsWhere(isInFactorState(state, policy))).toEqual(idsOf(expected))
    }
  })

  it.each(policies)('is the same by facets, where facets are enough, for %j', async (policy) => {
    for (const state of states) {
      const filters = { 'factor[eq]': state }
      if (facetFilters(filters, policy).length === 0) continue
      const facets = await findFacets(open.db, filters, policy)
      const found = sql<boolean>`users.facets in (${sql.join([-1, ...facets])})`
      expect(await idsWhere(found)).toEqual(await idsWhere(isInFactorState(state, policy)))
    }
  })
})

it('gives the same users in SQL as maySignIn', async () => {
  const expected = idsOf(users.filter(maySignIn))
  expect(expected.length).toBeGreaterThan(0)
  expect(await idsWhere(maySignInSql)).toEqual(expected)
})

async function idsWhere(check: RawBuilder<boolean>): Promise<string[]> {
  const rows = await open.db.selectFrom('users').select('id').where(check).orderBy('id').execute()
  return rows.map(({ id }) => id)
}

function idsOf(some: readonly Generated[]): string[] {
  return some.map(({ id }) => id).toSorted()
}

function everyCombination(): Generated[] {
  const methods: GrantMethod[] = ['password', 'certificate', 'token']
  const yesOrNo = [false, true]
  const made: Omit<Generated, 'id'>[] = []
  for (const given of subsetsOf(methods))
    for (const isCertificateRequired of given.includes('certificate') ? yesOrNo : [false])
      for (const roles of subsetsOf(roleIds))
        for (const isDisabled of yesOrNo)
          for (const hasFactor of yesOrNo)
            for (const isRequired of yesOrNo) {
              const grantTypes = given.map((method) => {
                return { method, isRequired: method === 'certificate' && isCertificateRequired }
              })
              made.push({ grantTypes, roles, disabledAt: isDisabled ? at : null, hasFactor, isRequired })
            }
  return made.map((user, n) => ({ ...user, id: `user-${String(n).padStart(4, '0')}` }))
}

function subsetsOf<T>(all: readonly T[]): T[][] {
  return all.reduce<T[][]>((subsets, one) => [...subsets, ...subsets.map((subset) => [...subset, one])], [[]])
}

function toNewUser({ id, grantTypes, roles, disabledAt, isRequired }: Generated): NewUser {
  return {
    id,
    username: id,
    displayName: null,
    kind: 'person',
    identityProvider: 'local',
    grantTypes,
    roles,
    permissions: [],
    mqttPublishPrefix: null,
    tags: [],
    passwordHash: null,
    mustChangePassword: false,
    mfaRequired: isRequired,
    disabledAt,
    createdAt: at,
    version: 1,
  }
}
