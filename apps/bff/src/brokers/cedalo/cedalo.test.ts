// @postgres
/** CAs on the listeners of a Cedalo broker, through the API. */
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { deployments } from '@gatehouse/contract/brokers/deployments'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { audit } from '@gatehouse/contract/operations/audit'
import { issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin } from '../../../test/authenticator.ts'
import { eventually } from '../../../test/broker-world.ts'
import { beforeTransactions, byAdmin } from '../../../test/direct-call.ts'
import { type FakeCedalo, proListeners, startFakeCedalo } from '../../../test/fake-cedalo.ts'
import { systemClock } from '../../platform/base/clock.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { openDatabase } from '../../platform/db/open.ts'
import type { BrokerSet } from '../inventory/broker-set.ts'
import { deploy as deployBy } from './service.ts'

let app: TestApp
let fake: FakeCedalo
let broker: string
let fingerprint: string
beforeAll(async () => {
  fake = await startFakeCedalo()
  app = await startApp()
  const admin = await freshAdmin(app)
  const created = await admin(brokers.create, {
    body: {
      name: 'hall-2',
      kind: 'cedalo',
      host: '127.0.0.1',
      port: fake.port,
      tls: false,
      username: 'gatehouse',
      password: 'a secret of the broker',
      settings: { listeners: [] },
    },
  })
  broker = created.id
  await trust('Plant CA')
  await eventually(async () => {
    if ((await choices()).problem !== null) throw new Error('the broker is not connected yet')
  })
})
afterAll(async () => {
  await app.stop()
  await fake.stop()
})
beforeEach(() => {
  Object.assign(fake, { manner: 'answer', refuses: () => null, listeners: proListeners() })
})

async function trust(subject: string, usernames: string[] = []): Promise<void> {
  const certificates = makeAuthority({ subject }).certificatePem
  const { added } = await (await freshAdmin(app))(authorities.create, { body: { certificates, usernames } })
  fingerprint = added[0]?.fingerprint ?? ''
}

async function choices() {
  const { items } = await (await app.as('auditor'))(deployments.choices, { params: { fingerprint } })
  const [first] = items
  if (!first) throw new Error('no broker')
  return first
}

async function deploy(listeners: number[]) {
  return (await freshAdmin(app))(deployments.deploy, { params: { fingerprint }, body: { broker, listeners } })
}

const states = async () =>
  (await (await app.as('auditor'))(deployments.list, { search: { 'authority[eq]': fingerprint } })).items.map(
    ({ listener, state, error }) => [listener.id, state, error],
  )
const isOn = (listener: number) => fake.capaths.get(listener)?.has(`gatehouse-${fingerprint}.pem`) === true

it('lists the listeners of the broker, and deploys a CA on those that require client certificates', async () => {
  expect((await choices()).listeners.map(({ id, requireCertificate }) => [id, requireCertificate])).toEqual([
    [1, false],
    [2, true],
    [3, true],
    [4, false],
  ])
  const { complete, items } = await deploy([2, 3])
  expect(complete).toBe(true)
  expect(items.map(({ listener, state }) => [listener.port, state])).toEqual([
    [8883, 'deployed'],
    [8884, 'deployed'],
  ])
  expect([isOn(2), isOn(3)]).toEqual([true, true])
  await refused(deploy([4]), 'listener_refused')
  await refused(deploy([7]), 'listener_refused')
  expect([isOn(2), isOn(3)]).toEqual([true, true])
})

it('says on which listener it failed, and repairs it with the next attempt', async () => {
  await trust('Second CA')
  fake.refuses = ({ listener_id: id }) => (id === 3 ? 'Disk full' : null)
  expect((await deploy([2, 3])).complete).toBe(false)
  expect(await states()).toEqual([
    [2, 'deployed', null],
    [3, 'failed', 'Disk full'],
  ])
  fake.refuses = () => null
  expect((await deploy([2, 3])).complete).toBe(true)
  expect(await states()).toEqual([
    [2, 'deployed', null],
    [3, 'deployed', null],
  ])
})

it('removes a CA that was deleted in the console, and ends the connections there', async () => {
  await trust('Third CA')
  await deploy([2])
  const admin = await freshAdmin(app)
  const kicks = fake.kicks
  const { disconnectedByBroker } = await admin(authorities.remove, { params: { fingerprint } })
  expect(disconnectedByBroker.map(({ name }) => name)).toContain('hall-2')
  await eventually(() => expect(isOn(2)).toBe(false))
  await eventually(async () => expect(await states()).toEqual([]))
  expect(fake.kicks).toBeGreaterThan(kicks)
})

it('does not deploy a CA that is limited to usernames, and removes one that gets a limit', async () => {
  await trust('Limited CA', ['press-*'])
  await refused(deploy([2]), 'authority_not_limitable')
  await trust('Fourth CA')
  await deploy([2])
  const admin = await freshAdmin(app)
  await admin(authorities.update, { params: { fingerprint }, body: { usernames: ['press-*'] }, ifMatch: 1 })
  await eventually(() => expect(isOn(2)).toBe(false))
})

it('says before an administrator widens the limit of an operator that connections end', async () => {
  const root = makeAuthority({ subject: 'Root of hall 5' })
  const admin = await freshAdmin(app)
  const { added } = await admin(authorities.create, { body: { certificates: root.certificatePem, usernames: [] } })
  fingerprint = added[0]?.fingerprint ?? ''
  const { certificatePem: certificates, ...line } = issueAuthority(root, { subject: 'Line 5' })
  await (await app.as('operator'))(authorities.create, { body: { certificates, usernames: ['hall-5-*'] } })
  await deploy([2])
  const params = { fingerprint: line.fingerprint }
  const endsAfter = async (usernames: string[]) => {
    const { connectionsByBroker } = await admin(authorities.impact, { params, body: { usernames } })
    return connectionsByBroker.find(({ name }) => name === 'hall-2')?.ends
  }
  expect(await endsAfter(['hall-5-*'])).toBe('nothing')
  expect(await endsAfter(['hall-5-*', 'press-*'])).toBe('all')
  await admin(authorities.update, { params, body: { usernames: ['hall-5-*', 'press-*'] }, ifMatch: 1 })
  await eventually(() => expect(isOn(2)).toBe(false))
})

describe('a CA is judged before the transaction', () => {
  let database: OpenDatabase
  beforeAll(async () => {
    database = await openDatabase(app.database)
  })
  afterAll(() => database.close())

  /** Deploys nothing, because the broker is not connected there. `before` is called before each transaction. */
  async function deployAfter(before: () => Promise<unknown>) {
    const db = beforeTransactions(database.db, before)
    const noBrokers = { find: () => undefined } as unknown as BrokerSet
    const of = { fingerprint, body: { broker, listeners: [2] }, ...(await byAdmin(app)) }
    return deployBy({ db, reader: database.reader, clock: systemClock, brokers: noBrokers }, of)
  }

  it('and one with a username limit is refused without a transaction', async () => {
    await trust('Another limited CA', ['press-*'])
    const deployed = deployAfter(() => Promise.reject(new Error('a transaction')))
    await expect(deployed).rejects.toMatchObject({ code: 'authority_not_limitable' })
  })

  it('and refused if a CA was changed meanwhile', async () => {
    await trust('CA of the last moment')
    const chosen = fingerprint
    await expect(deployAfter(() => trust('Meanwhile'))).rejects.toMatchObject({ code: 'changed_meanwhile' })
    fingerprint = chosen
    expect(await states()).toEqual([])
  })
})

it('restores its CAs after the broker was restarted without them', async () => {
  await trust('Fifth CA')
  await deploy([2])
  fake.capaths.clear()
  fake.dropAll()
  await eventually(() => expect(isOn(2)).toBe(true))
})

it('forgets a CA whose removal the broker refuses, with an audit event', async () => {
  await trust('Sixth CA')
  await deploy([2])
  fake.refuses = () => 'Permission denied'
  expect((await deploy([])).complete).toBe(false)
  expect(await states()).toEqual([[2, 'removing', 'Permission denied']])
  const admin = await freshAdmin(app)
  await admin(deployments.forget, { params: { fingerprint, broker, listener: '2' } })
  expect(await states()).toEqual([])
  const { items } = await admin(audit.list, { search: { 'target[eq]': fingerprint } })
  expect(items[0]).toMatchObject({ action: 'authority.deployment-forgotten', before: { brokerListeners: [2] } })
  await refused(admin(deployments.forget, { params: { fingerprint, broker, listener: '2' } }), 'not_found')
})

it('lets only administrators deploy', async () => {
  const auditor = await app.as('auditor')
  await refused(
    auditor(deployments.deploy, { params: { fingerprint }, body: { broker, listeners: [] } }),
    'not_permitted',
  )
})
