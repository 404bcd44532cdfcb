/**
 * An authority that an operator limited must not vouch for a user with permissions beyond that operator, until it is
 * confirmed.
 */

import type { Permission } from '@gatehouse/contract/access/permission'
import { roles } from '@gatehouse/contract/access/roles'
import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { certificates } from '@gatehouse/contract/certificates/check'
import type { Call } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { eventually } from '../../../test/broker-world.ts'
import { connectMachine, trust } from '../../../test/machines.ts'

const line3 = makeAuthority({ subject: 'Line 3' })
const { fingerprint } = line3
const own: Permission[] = [{ context: 'mqtt', resource: 'line-3/#', operation: 'read' }]
const all: Permission[] = [{ context: 'mqtt', resource: '#', operation: 'readWrite' }]
const grantTypes = [{ method: 'certificate' as const }]

let app: TestApp
let admin: Call
let operator: Call
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  admin = await app.as('admin')
  operator = await app.as('operator')
  await operator(authorities.create, { body: { certificates: line3.certificatePem, usernames: ['line-3-*'] } })
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

/** The broker reports every few seconds when a machine was last seen. */
const everything = async () => (await door.everything()).replaceAll(/"last_sign_in_at":[^,]+,/g, '')

async function unconfirmedWithoutEffect(calling: () => Promise<unknown>) {
  const before = await everything()
  const { problem } = await refused(calling(), 'authority_unconfirmed')
  expect(await everything()).toBe(before)
  return problem.facts?.['authorities']
}

const create = (username: string, permissions: Permission[], more: object = {}) =>
  admin(users.create, { body: { username, permissions, grantTypes, ...more } })

async function connect(username: string) {
  const client = await connectMachine(app, issue(line3, { subject: username }))
  return { client, code: await client.connack() }
}

async function connects(username: string): Promise<number | null> {
  const { client, code } = await connect(username)
  client.socket.destroy()
  return code
}

const confirmations = async () => door.value<number | string>('select count(*) from authority_confirmations')

describe("a user within an operator's limit, with more rights than the operator", () => {
  it('is not created until the authority is confirmed', async () => {
    const named = await unconfirmedWithoutEffect(() => create('line-3-lead', all))
    expect(named).toEqual([{ fingerprint, name: 'Line 3', users: 1, usernames: ['line-3-lead'] }])
    await unconfirmedWithoutEffect(() => create('line-3-lead', all, { confirm: ['0'.repeat(64)] }))
    await create('line-3-lead', all, { confirm: [fingerprint] })
    expect(await connects('line-3-lead')).toBe(0)
    const { items } = await admin(audit.list, { search: { 'action[eq]': 'authority.confirmed' } })
    expect(items[0]).toMatchObject({ target: { id: fingerprint }, after: { usernames: ['line-3-lead'] } })
  })

  it('is created if the authority is declined, and cannot connect through it', async () => {
    const { id } = await create('line-3-boss', all, { decline: [fingerprint] })
    expect(await connects('line-3-boss')).toBe(5)
    await eventually(async () => {
      const { items } = await admin(broker.decisions, {})
      expect(items.find(({ username }) => username === 'line-3-boss')?.reason).toBe('authority_unconfirmed')
    })
    const checked = await admin(certificates.check, {
      body: { certificates: issue(line3, { subject: 'line-3-boss' }).certificatePem },
    })
    expect(checked).toMatchObject({ admitted: false, reason: 'authority_unconfirmed', returnCode: 5 })
    // Confirmed later without another change, and then declined again.
    await admin(users.update, { params: { id }, body: { confirm: [fingerprint] } })
    expect(await connects('line-3-boss')).toBe(0)
    await admin(users.update, { params: { id }, body: { decline: [fingerprint] } })
    expect(await connects('line-3-boss')).toBe(5)
  })

  it('is not created in an import either', async () => {
    const batch = ['line-3-a', 'line-3-b', 'other'].map((username) => ({ username, permissions: all, grantTypes }))
    const named = await unconfirmedWithoutEffect(() => admin(userTransfer.batch, { body: { users: batch } }))
    expect(named).toMatchObject([{ fingerprint, users: 2 }])
    await admin(userTransfer.batch, { body: { users: batch, confirm: [fingerprint] } })
    expect(await connects('line-3-b')).toBe(0)
  })

  it('is created without a confirmation if the user has no certificate grant; adding the grant requires one', async () => {
    const { id } = await create('line-3-person', all, { grantTypes: [{ method: 'password' }], password: goodPassword })
    expect(await connects('line-3-person')).toBe(5)
    await unconfirmedWithoutEffect(() => admin(users.update, { params: { id }, body: { grantTypes } }))
  })
})

describe('a user within the limit', () => {
  it('needs no confirmation if the operator covers the user', async () => {
    await operator(users.create, { body: { username: 'line-3-press', permissions: own, grantTypes } })
    expect(await connects('line-3-press')).toBe(0)
  })

  it('needs one when the user gains rights beyond the operator; declining it ends the connection', async () => {
    const { id } = await create('line-3-grows', own)
    const { client, code } = await connect('line-3-grows')
    expect(code).toBe(0)
    const grow = (more: object) => admin(users.update, { params: { id }, body: { permissions: all, ...more } })
    await unconfirmedWithoutEffect(() => grow({}))
    expect(await client.settle()).toBe(true)
    expect(await grow({ decline: [fingerprint] })).toMatchObject({ disconnected: 1 })
    await client.closed
  })

  it('needs another one after a confirmation when the rights grow further, and none when they shrink', async () => {
    const wide: Permission[] = [{ context: 'mqtt', resource: 'line-4/#', operation: 'read' }]
    const { id } = await create('line-3-more', wide, { confirm: [fingerprint] })
    const change = (permissions: Permission[]) => admin(users.update, { params: { id }, body: { permissions } })
    await unconfirmedWithoutEffect(() => change(all))
    await change([{ context: 'mqtt', resource: 'line-4/x', operation: 'read' }])
    expect(await connects('line-3-more')).toBe(0)
    // Within the operator's own rights the confirmation is not needed and is deleted.
    const before = Number(await confirmations())
    await change(own)
    expect(Number(await confirmations())).toBe(before - 1)
    await unconfirmedWithoutEffect(() => change(wide))
  })

  it('needs one when a role of the user gains permissions', async () => {
    const role = await admin(roles.create, { body: { name: 'device', permissions: own } })
    await create('line-3-role', [], { roles: [role.id] })
    const { client, code } = await connect('line-3-role')
    expect(code).toBe(0)
    const widen = (more: object) =>
      admin(roles.update, { params: { id: role.id }, body: { permissions: all, ...more } })
    expect(await unconfirmedWithoutEffect(() => widen({}))).toMatchObject([{ usernames: ['line-3-role'] }])
    await widen({ confirm: [fingerprint] })
    expect(await client.settle()).toBe(true)
    expect(await connects('line-3-role')).toBe(0)
  })
})

it('needs none for users with more rights if an administrator set the limit', async () => {
  const wide = makeAuthority({ subject: 'Of the administrator' })
  await trust(app, wide, ['boss-*'])
  await create('boss-1', all)
  const client = await connectMachine(app, issue(wide, { subject: 'boss-1' }))
  expect(await client.connack()).toBe(0)
  client.socket.destroy()
  expect(await admin(authorities.view, { params: wide })).toMatchObject({ limitedBy: null })
})

describe('the user who limited an authority', () => {
  const line5 = makeAuthority({ subject: 'Line 5' })
  const permissions: Permission[] = [
    { context: 'http', resource: '/api/authorities/#', operation: 'readWrite' },
    { context: 'mqtt', resource: 'line-5/#', operation: 'readWrite' },
  ]
  let id: string
  beforeAll(async () => {
    const made = await admin(users.create, {
      body: { username: 'person', password: goodPassword, mustChangePassword: false, permissions },
    })
    id = made.id
    const person = app.browser().call
    await person(session.signIn, { body: { username: 'person', password: goodPassword } })
    await person(authorities.create, { body: { certificates: line5.certificatePem, usernames: ['line-5-*'] } })
    const reads: Permission[] = [{ context: 'mqtt', resource: 'line-5/#', operation: 'read' }]
    await create('line-5-press', reads)
  })
  const comes = async () => {
    const client = await connectMachine(app, issue(line5, { subject: 'line-5-press' }))
    const code = await client.connack()
    return { client, code }
  }

  it('is shown', async () => {
    const limitedBy = { id, username: 'person' }
    expect(await admin(authorities.view, { params: line5 })).toMatchObject({ limitedBy })
  })

  it('cannot lose rights, be disabled or be deleted without a decision about the devices', async () => {
    const { client, code } = await comes()
    expect(code).toBe(0)
    const changes = [{ permissions: [] }, { disabled: true }]
    for (const body of changes) {
      const named = await unconfirmedWithoutEffect(() => admin(users.update, { params: { id }, body }))
      expect(named).toMatchObject([{ fingerprint: line5.fingerprint, usernames: ['line-5-press'] }])
    }
    await unconfirmedWithoutEffect(() => admin(users.remove, { params: { id } }))
    expect(await client.settle()).toBe(true)
    client.socket.destroy()
  })

  it('loses rights; declining the authority disconnects the device until the rights are back', async () => {
    const { client } = await comes()
    const decline = [line5.fingerprint]
    const answer = await admin(users.update, { params: { id }, body: { permissions: [], decline } })
    expect(answer.disconnected).toBe(1)
    await client.closed
    expect((await comes()).code).toBe(5)
    await admin(users.update, { params: { id }, body: { permissions } })
    expect((await comes()).code).toBe(0)
  })

  it('is disabled: previews count the devices as the broker judges them', async () => {
    const { client } = await comes()
    await eventually(async () => {
      const impact = await admin(authorities.impact, { params: line5, body: { usernames: ['nobody'] } })
      expect(impact).toMatchObject({ userCount: 1, lastAdmitted: { users: 1, cutOff: 1 } })
    })
    client.socket.destroy()
    const decline = [line5.fingerprint]
    await admin(users.update, { params: { id }, body: { disabled: true, decline } })
    // The device is already disconnected, so the change ends nothing.
    const impact = await admin(authorities.impact, { params: line5, body: { usernames: ['nobody'] } })
    expect(impact).toMatchObject({ connections: 0, lastAdmitted: { users: 0, cutOff: 0 } })
    await admin(users.update, { params: { id }, body: { disabled: false } })
    expect((await comes()).code).toBe(0)
  })

  it('is deleted after confirming the authority for the devices; new ones need a confirmation until an administrator takes the limit over', async () => {
    await create('line-5-declined', all, { decline: [line5.fingerprint] })
    const search = { confirm: line5.fingerprint }
    await admin(users.remove, { params: { id }, search })
    expect((await comes()).code).toBe(0)
    const declined = await connectMachine(app, issue(line5, { subject: 'line-5-declined' }))
    expect(await declined.connack()).toBe(5)
    const view = await admin(authorities.view, { params: line5 })
    expect(view.limitedBy).toEqual({ id, username: null })
    await unconfirmedWithoutEffect(() => create('line-5-new', own))
    await refused(operator(authorities.update, { params: line5, body: { takeOver: true } }), 'above_caller')
    await admin(authorities.update, { params: line5, body: { takeOver: true } })
    expect(await admin(authorities.view, { params: line5 })).toMatchObject({ limitedBy: null })
    await create('line-5-new', own)
    expect(
      Number(await door.value('select count(*) from authority_confirmations where fingerprint = ?', line5.fingerprint)),
    ).toBe(0)
    expect((await comes()).code).toBe(0)
  })
})
