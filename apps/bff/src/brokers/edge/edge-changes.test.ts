/** What changes mean for devices on the edge. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { users } from '@gatehouse/contract/identity/users'
import type { Issued } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
