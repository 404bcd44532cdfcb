/** What changes mean for devices on the edge. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { roles } from '@gatehouse/contract/access/roles'
import { admissionRules } from '@gatehouse/contract/brokers/admission-rules'
import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import { users } from '@gatehouse/contract/identity/users'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { refused } from '../../../test/app.ts'
import { openBackDoor } from '../../../test/back-door.ts'
import { eventually } from '../../../test/broker-world.ts'
import { type EdgeWorld, startEdgeWorld } from '../../../test/edge-world.ts'

let world: EdgeWorld
let port: number

beforeAll(async () => {
  world = await startEdgeWorld()
  const { id } = await world.addUpstream({ name: 'telemetry' })
  port = await world.addListener('edge', id)
})
afterAll(() => world.stop())
beforeEach(() => {
  world.received.length = 0
})

/** How a request ends that the upstream never finishes. */
function runningRequest(certificate: Issued): Promise<string> {
  return world.send('/slow', { on: port, certificate }).then(
    ({ status, body }) => `answered ${status} ${body}`,
    () => 'ended',
  )
}

it('admits an unknown device by an admission rule, with the rights of its roles on the edge', async () => {
  const admin = await world.app.as('admin')
  const permissions = [{ context: 'edge' as const, resource: '/telemetry/#', operation: 'readWrite' as const }]
  const { id: role } = await admin(roles.create, { body: { name: 'presses', permissions } })
  const certificate = world.issueTo('press-new')
  expect(await world.send('/a', { on: port, certificate })).toMatchObject({
    status: 403,
    body: '{"error":"unknown_user"}',
  })
  const rule = {
    name: 'presses',
    authority: world.plant.fingerprint,
    usernames: ['press-*'],
    roles: [role],
    enabled: true,
  }
  await admin(admissionRules.create, { body: rule })
  expect(await world.send('/a', { on: port, certificate })).toMatchObject({ status: 200, body: 'answer to /a' })
  const admitted = { username: 'press-new', admissionRule: 'presses', clientId: null }
  expect(await world.lastDecision('admitted')).toMatchObject(admitted)
  await world.send('/a', { on: port, certificate: world.issueTo('press-new') })
  expect(await world.lastDecision('admitted')).toMatchObject({ ...admitted, admissionRule: null })
})

it('refuses every device after the CA was deleted', async () => {
  const own = makeAuthority({ subject: 'Deleted CA' })
  const admin = await world.app.as('admin')
  await admin(authorities.create, { body: { certificates: own.certificatePem } })
  await world.addDevice('of-deleted', [{ context: 'edge', resource: '/#', operation: 'readWrite' }])
  const certificate = issue(own, { subject: 'of-deleted' })
  const outcome = runningRequest(certificate)
  await eventually(() => expect(world.received.map(({ url }) => url)).toContain('/slow'))
  await admin(authorities.remove, { params: { fingerprint: own.fingerprint } })
  expect(await outcome).toBe('ended')
  await expect(world.send('/a', { on: port, certificate })).rejects.toThrow(/hang up|ECONNRESET/)
})

describe('a change ends what it concerns', () => {
  const everythingOnEdge: Permission[] = [{ context: 'edge', resource: '/#', operation: 'readWrite' }]

  it.each([
    ['the user is disabled', (id: string) => ({ params: { id }, body: { disabled: true } })],
    ['the grant is taken', (id: string) => ({ params: { id }, body: { grantTypes: [] } })],
    ['the permission is taken', (id: string) => ({ params: { id }, body: { permissions: [] } })],
  ])('a running request, when %s', async (name, change) => {
    const username = name.replaceAll(' ', '-')
    const id = await world.addDevice(username, everythingOnEdge)
    const outcome = runningRequest(world.issueTo(username))
    await eventually(() => expect(world.received.map(({ url }) => url)).toContain('/slow'))
    await (await world.app.as('admin'))(users.update, change(id))
    expect(await outcome).toBe('ended')
  })

  it('a running request, when its certificate is revoked', async () => {
    await world.addDevice('revoked', everythingOnEdge)
    const certificate = world.issueTo('revoked')
    const outcome = runningRequest(certificate)
    await eventually(() => expect(world.received.map(({ url }) => url)).toContain('/slow'))
    const admin = await world.app.as('admin')
    const body = { certificate: certificate.certificatePem, reason: 'keyCompromise' as const }
    expect((await admin(revocations.create, { body })).disconnected).toBe(1)
    expect(await outcome).toBe('ended')
    await expect(world.send('/a', { on: port, certificate })).rejects.toThrow(/hang up|ECONNRESET/)
  })

  it('the connections of a disabled user, which the impact has counted', async () => {
    const id = await world.addDevice('counted', everythingOnEdge)
    await world.send('/a', { on: port, certificate: world.issueTo('counted') })
    const admin = await world.app.as('admin')
    expect((await admin(users.impact, { params: { id }, body: { disabled: true } })).connections).toBe(1)
    expect((await admin(users.update, { params: { id }, body: { disabled: true } })).disconnected).toBe(1)
  })
})

describe('a live connection', () => {
  it('is listed beside those of MQTT, counts its requests, and is ended by a person', async () => {
    await world.addDevice('listed', [{ context: 'edge', resource: '/#', operation: 'readWrite' }])
    const certificate = world.issueTo('listed')
    await world.send('/a', { on: port, certificate, method: 'PUT', body: 'x'.repeat(5_000) })
    const admin = await world.app.as('admin')
    const list = (search: object) => admin(broker.connections, { search: { search: 'listed', ...search } })
    const { fingerprint } = certificate
    const shown = {
      protocol: 'http',
      username: 'listed',
      clientId: '',
      messagesReceived: 1,
      messagesSent: 1,
      certificate: { fingerprint, authority: world.plant.fingerprint },
    }
    // The device has the answer before the edge counts it.
    const [found] = await eventually(async () => {
      const { items } = await list({ 'protocol[eq]': 'http', 'listener[eq]': 'edge' })
      expect(items).toMatchObject([shown])
      return items
    })
    expect(found?.bytesReceived).toBeGreaterThan(5_000)
    expect(found?.bytesSent).toBeGreaterThan(100)
    expect((await list({})).total).toBe(1)
    expect((await list({ 'protocol[eq]': 'mqtt' })).total).toBe(0)

    const outcome = runningRequest(certificate)
    await eventually(() => expect(world.received.map(({ url }) => url)).toContain('/slow'))
    await admin(broker.disconnect, { params: { connectionId: found?.id ?? '' } })
    expect(await outcome).toBe('ended')
    expect((await list({})).total).toBe(0)
    expect(await world.lastDecision('closed')).toMatchObject({ username: 'listed', reason: 'closed_by_admin' })
    await refused(admin(broker.disconnect, { params: { connectionId: found?.id ?? '' } }), 'not_found')
  })
})

// Last: the listener has another port after the restart.
it('serves the others when the secret of one upstream cannot be read', async () => {
  const upstream = { name: 'damaged', authentication: 'bearer' as const, secret: 'token' }
  const { id } = await world.addUpstream(upstream)
  const door = openBackDoor(world.app)
  await door.run(`update upstreams set secret_box = 'damaged', version = 2 where id = '${id}'`)
  await door.close()
  await world.app.started.stop()
  await world.app.restart()
  const admin = await world.app.as('admin')
  // The broker reports what it has seen every few seconds, and when it stops.
  const [seen] = (await admin(users.list, { search: { 'username[eq]': 'press-new' } })).items
  expect(seen?.lastSignInAt).not.toBeNull()
  const on = await world.addListener('all', null)
  await world.addDevice('of-all', [{ context: 'edge', resource: '/#', operation: 'readWrite' }])
  const certificate = world.issueTo('of-all')
  expect(await world.send('/damaged/a', { on, certificate })).toMatchObject({ status: 403 })
  expect(await world.send('/telemetry/a', { on, certificate })).toMatchObject({ status: 200 })
})
