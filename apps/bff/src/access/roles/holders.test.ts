// @postgres
/** A role with many holders: the preview names the first ones, and a deletion checks and detaches all of them. */

import type { Permission } from '@gatehouse/contract/access/permission'
import { roles } from '@gatehouse/contract/access/roles'
import { session } from '@gatehouse/contract/identity/sign-in'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'

let app: TestApp
beforeAll(async () => void (app = await startApp()))
afterAll(() => app.stop())

const line3: Permission = { context: 'mqtt', resource: 'line-3/#', operation: 'read' }
const line4: Permission = { context: 'mqtt', resource: 'line-4/#', operation: 'read' }

async function holders(role: string, names: readonly string[]): Promise<void> {
  const admin = await app.as('admin')
  const made = names.map((username) => ({ username, roles: [role] }))
  for (let at = 0; at < made.length; at += 1_000) {
    await admin(userTransfer.batch, { body: { users: made.slice(at, at + 1_000) } })
  }
}

describe('the impact of a change', () => {
  it('names the first holders, counts all, and changes nothing', async () => {
    const admin = await app.as('admin')
    const { id } = await admin(roles.create, { body: { name: 'seven-hold-it', permissions: [line3, line4] } })
    await holders(
      id,
      ['g', 'c', 'a', 'f', 'b', 'e', 'd'].map((letter) => `seven-${letter}`),
    )
    const impact = await admin(roles.impact, { params: { id }, body: { delete: true } })
    expect(impact.users).toBe(7)
    expect(impact.firstUsers?.map(({ username }) => username)).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((letter) => `seven-${letter}`),
    )
    const ask = (permissions: Permission[]) => admin(roles.impact, { params: { id }, body: { permissions } })
    expect(await ask([line3])).toMatchObject({ users: 7 })
    const nothing = { users: 0, firstUsers: [], mappings: [], connections: 0, connectionsByBroker: [] }
    const wider: Permission = { ...line3, operation: 'readWrite' }
    expect(await ask([wider, line4])).toEqual(nothing)
    expect(await admin(roles.impact, { params: { id }, body: { name: 'other' } })).toEqual(nothing)
    expect(await admin(roles.view, { params: { id } })).toMatchObject({
      name: 'seven-hold-it',
      userCount: 7,
      version: 1,
    })
  })

  it('names no users to a caller who may not list users', async () => {
    const admin = await app.as('admin')
    const { id } = await admin(roles.create, { body: { name: 'who-holds-it', permissions: [line3] } })
    await holders(id, ['known-to-few'])
    const permissions: Permission[] = [{ context: 'http', resource: '/api/roles/#', operation: 'read' }]
    const reader = { username: 'reads-roles', password: goodPassword }
    await admin(users.create, {
      body: { ...reader, mustChangePassword: false, grantTypes: [{ method: 'password' }], permissions },
    })
    const { call } = app.browser()
    await call(session.signIn, { body: reader })
    expect(await call(roles.impact, { params: { id }, body: { delete: true } })).toEqual({
      users: 1,
      firstUsers: null,
      mappings: null,
      connections: 0,
      connectionsByBroker: [
        { id: 'embedded', name: 'embedded', ends: 'nothing', connections: 0, admitsWithoutRights: false },
      ],
    })
    const missing = { params: { id: '01a202ac-d09e-72cc-b8bf-f7f14a1da436' }, body: { delete: true } as const }
    await refused(call(roles.impact, missing), 'not_found')
  })
})

describe('a role with more holders than one slice', () => {
  it('is not deleted if its last holder is above the caller; else all holders lose it and the broker disconnects them', async () => {
    const [admin, operator] = [await app.as('admin'), await app.as('operator')]
    const { id } = await admin(roles.create, { body: { name: 'everybody', permissions: [line3] } })
    await holders(
      id,
      Array.from({ length: 1_200 }, (_, n) => `many-${String(n).padStart(4, '0')}`),
    )
    const above = { username: 'zz-last', password: goodPassword, roles: [id], permissions: [line4] }
    const last = await admin(users.create, {
      body: { ...above, mustChangePassword: false, grantTypes: [{ method: 'password' }] },
    })

    await refused(operator(roles.update, { params: { id }, body: { permissions: [] } }), 'above_caller')
    await refused(operator(roles.remove, { params: { id }, search: { detach: 'true' } }), 'above_caller')
    expect(await admin(roles.view, { params: { id } })).toMatchObject({ permissions: [line3], userCount: 1_201 })

    const url = app.started.mqttUrl ?? ''
    const client = await connectAsync(url, { ...above, reconnectPeriod: 0 })
    await client.subscribeAsync(line3.resource)
    const closed = new Promise((resolve) => client.once('close', () => resolve('closed')))
    expect(await admin(roles.remove, { params: { id }, search: { detach: 'true' } })).toMatchObject({ disconnected: 1 })
    expect(await closed).toBe('closed')
    await refused(admin(roles.view, { params: { id } }), 'not_found')
    expect(await admin(users.view, { params: { id: last.id } })).toMatchObject({ roles: [], roleNames: [] })
    const events = await admin(audit.list, { search: { 'target[eq]': id } })
    expect(events.items).toMatchObject([
      { action: 'role.deleted', before: { users: 1_201 } },
      { action: 'role.created' },
    ])
  })
})
