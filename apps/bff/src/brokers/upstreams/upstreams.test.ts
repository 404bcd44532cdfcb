// @postgres
import { type UpstreamUpdate, upstreams } from '@gatehouse/contract/brokers/upstreams'
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

  it('is refused with a link-local address, at which cloud machines hand out credentials', async () => {
    for (const origin of ['http://169.254.169.254', 'http://[fe80::1]:80', 'http://0.0.0.0:80']) {
      await refused(world.addUpstream({ name: 'metadata', origin }), 'upstream_refused')
    }
  })

  it('cannot be deleted while a listener serves it', async () => {
    await refused((await world.app.as('admin'))(upstreams.remove, { params: { id: upstreamId } }), 'upstream_in_use')
  })
})

describe('a test', () => {
  const stored = { name: 'tested', authentication: 'basic' as const, username: 'edge', secret: 'sesame' }
  let id: string
  beforeAll(async () => {
    id = (await world.addUpstream(stored)).id
  })
  const test = async (body: Parameters<typeof toTest>[0]) => (await world.app.as('admin'))(upstreams.test, toTest(body))
  const toTest = (body: UpstreamUpdate) => ({ params: { id }, body })

  it('sends the stored secret to the stored address, and stores nothing', async () => {
    world.received.length = 0
    const { steps } = await test({ name: 'renamed', idleTimeoutMs: 1_000 })
    expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      'address passed',
      'tcp passed',
      'tls skipped',
      'answer passed',
      'credentials passed',
    ])
    expect(world.received.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from('edge:sesame').toString('base64')}`,
    ])
    expect(await (await world.app.as('admin'))(upstreams.view, { params: { id } })).toMatchObject({
      name: 'tested',
      version: 1,
    })
  })

  it('never sends the stored secret to another address, by another scheme, or with another CA', async () => {
    world.received.length = 0
    const other = world.origin.replace('127.0.0.1', 'localhost')
    for (const body of [{ origin: other }, { origin: world.origin.replace('http:', 'https:') }]) {
      expect((await refused(test(body), 'upstream_refused')).fields).toEqual({ secret: 'required' })
    }
    const secured = { ...stored, name: 'secured', origin: 'https://127.0.0.1:9' }
    const { id: securedId } = await world.addUpstream(secured)
    const change = { params: { id: securedId }, body: { authorities: world.plant.certificatePem } }
    await refused((await world.app.as('admin'))(upstreams.test, change), 'upstream_refused')
    expect(world.received).toEqual([])
    await test({ origin: other, secret: 'typed' })
    expect(world.received.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from('edge:typed').toString('base64')}`,
    ])
  })

  it('of an upstream that is not added yet names the step that failed', async () => {
    const body = { name: 'new', origin: 'http://127.0.0.1:1' }
    const { steps } = await (await world.app.as('admin'))(upstreams.testNew, { body })
    expect(steps.map(({ outcome, problem, detail }) => [outcome, problem, detail])).toEqual([
      ['passed', null, null],
      ['failed', 'not_reachable', 'ECONNREFUSED'],
      ['skipped', null, null],
      ['skipped', null, null],
      ['skipped', null, null],
    ])
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
  const admin = await world.app.as('admin')
  const list = (search: object) => admin(upstreams.listIdentities, { params: { id: upstreamId }, search })
  const listed = { userId: owner, identityHash: 'a'.repeat(64) }
  expect(await list({})).toMatchObject({ items: [listed], total: 1 })
  expect(await list({ 'username[eq]': userIds[0] === owner ? 'CLAIMS-1' : 'CLAIMS-2' })).toMatchObject({
    items: [listed],
  })
  expect(await list({ 'username[eq]': 'nobody-here' })).toMatchObject({ items: [], total: 0 })
  await admin(upstreams.forgetIdentity, { params: { id: upstreamId, userId: owner } })
  expect(await list({})).toMatchObject({ items: [], total: 0 })
})
