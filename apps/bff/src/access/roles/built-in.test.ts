/** What the holders of the built-in roles may give and change. The access matrix tests which routes they may call. */
import { adminRoleName, operatorRoleName, roles, viewerRoleName } from '@gatehouse/contract/access/roles'
import type { Call } from '@gatehouse/contract/client'
import { users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
let door: BackDoor
let admin: Call
let operator: Call
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  admin = await app.as('admin')
  const body = {
    username: 'night-shift',
    roles: [await roleId(operatorRoleName)],
    grantTypes: [{ method: 'token' as const }],
  }
  await admin(users.create, { body })
  operator = await door.asToken('night-shift')
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

async function roleId(name: string): Promise<string> {
  const { items } = await admin(roles.list, { search: { 'name[eq]': name } })
  return items[0]?.id ?? ''
}

describe('a holder of gatehouse-operator', () => {
  it('creates devices with topics, viewers and operators', async () => {
    const topics = [{ context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' } as const]
    const device = await operator(users.create, { body: { username: 'oven-7', permissions: topics } })
    expect(device.permissions).toEqual(topics)
    for (const name of [viewerRoleName, operatorRoleName]) {
      const body = { username: `new-${name}`, roles: [await roleId(name)] }
      expect(await operator(users.create, { body })).toMatchObject({ roleNames: [name] })
    }
  })

  it.each([
    ['the role of administrators', async () => ({ roles: [await roleId(adminRoleName)] })],
    ['all paths', async () => ({ permissions: [{ context: 'http', resource: '/#', operation: 'read' } as const] })],
    [
      'changes of roles',
      async () => ({ permissions: [{ context: 'http', resource: '/api/roles/#', operation: 'write' } as const] }),
    ],
    ['$SYS', async () => ({ permissions: [{ context: 'mqtt', resource: '$SYS/#', operation: 'read' } as const] })],
  ])('cannot give %s', async (_what, given) => {
    const body = { username: 'too-much', ...(await given()) }
    await refused(operator(users.create, { body }), 'more_than_held')
  })

  it('cannot change an administrator', async () => {
    const id = (await door.idOf('admin')) ?? ''
    await refused(operator(users.setPassword, { params: { id }, body: { mustChange: true } }), 'above_caller')
    await refused(operator(users.update, { params: { id }, body: { disabled: true } }), 'above_caller')
  })
})
