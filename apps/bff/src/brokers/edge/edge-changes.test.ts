/** What changes mean for devices on the edge, and which upstreams are refused. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { users } from '@gatehouse/contract/identity/users'
import { type Issued, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { refused } from '../../../test/app.ts'
import { eventually } from '../../../test/broker-world.ts'
import { type EdgeWorld, startEdgeWorld } from '../../../test/edge-world.ts'

let world: EdgeWorld
let upstreamId: string
let port: number

beforeAll(async () => {
  world = await startEdgeWorld()
  upstreamId = (await world.addUpstream({ name: 'telemetry' })).id
  port = await world.addListener('edge', upstreamId)
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

  it('the connections of a disabled user, which the impact has counted', async () => {
    const id = await world.addDevice('counted', everythingOnEdge)
    await world.send('/a', { on: port, certificate: world.issueTo('counted') })
    const admin = await world.app.as('admin')
    expect((await admin(users.impact, { params: { id }, body: { disabled: true } })).connections).toBe(1)
    expect((await admin(users.update, { params: { id }, body: { disabled: true } })).disconnected).toBe(1)
  })
})

describe('an upstream', () => {
  it.each([
    ['authentication without a secret', { authentication: 'bearer' as const }, 'secret'],
    ['Mender without credentials', { kind: 'mender' as const }, 'authentication'],
    ['a CA for plain HTTP', { authorities: makeAuthority().certificatePem }, 'authorities'],
    ['a CA that is none', { origin: 'https://x', authorities: 'junk' }, 'authorities'],
  ])('is refused with %s', async (_what, more, field) => {
    const problem = await refused(world.addUpstream({ name: 'wrong', ...more }), 'upstream_refused')
    expect(Object.keys(problem.fields ?? {})).toEqual([field])
  })

  it('needs its secret again when its address changes', async () => {
    const { id } = await world.addUpstream({ name: 'moving', authentication: 'bearer', secret: 'token' })
    const change = (body: object) =>
      world.app.as('admin').then((admin) => admin(upstreams.update, { params: { id }, body }))
    await refused(change({ origin: 'http://127.0.0.1:9' }), 'upstream_refused')
    expect(await change({ origin: 'http://127.0.0.1:9', secret: 'again' })).toMatchObject({
      hasSecret: true,
      version: 2,
    })
  })

  it('cannot be deleted while a listener serves it', async () => {
    await refused((await world.app.as('admin'))(upstreams.remove, { params: { id: upstreamId } }), 'upstream_in_use')
  })
})
