// @postgres
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { audit } from '@gatehouse/contract/operations/audit'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused } from '../../../test/app.ts'
import { type EdgeWorld, startEdgeWorld } from '../../../test/edge-world.ts'
import { systemClock } from '../../platform/base/clock.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { claimForDevice } from './service.ts'

let world: EdgeWorld
let upstreamId: string

beforeAll(async () => {
  world = await startEdgeWorld()
  upstreamId = (await world.addUpstream({ name: 'telemetry' })).id
  await world.addListener('edge', upstreamId)
})
afterAll(() => world.stop())

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

it('gives an identity to the first user that claims it, once, also to two at the same moment', async () => {
  const { db, close } = await openDatabase(world.app.database)
  const userIds = await Promise.all(['claims-1', 'claims-2'].map((username) => world.addDevice(username, [])))
  const claim = (userId: string, identityHash = 'a'.repeat(64)) =>
    claimForDevice({ db, reader: db, clock: systemClock }, { upstreamId, identityHash, userId })
  const claimed = await Promise.all(userIds.map((userId) => claim(userId)))
  expect(claimed.filter((isOwn) => isOwn)).toEqual([true])
  const owner = userIds[claimed.indexOf(true)] ?? ''
  expect(await claim(owner)).toBe(true)
  expect(await claim(owner, 'b'.repeat(64))).toBe(false)
  const { items } = await (await world.app.as('admin'))(audit.list, {
    search: { 'action[eq]': 'upstream.identity-claimed' },
  })
  expect(items).toHaveLength(1)
  await close()
})
