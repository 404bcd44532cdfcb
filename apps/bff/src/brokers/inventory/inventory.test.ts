// @postgres
/** Brokers over the API, with adapters that behave as each test wants. */
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { session } from '@gatehouse/contract/identity/sign-in'
import { audit } from '@gatehouse/contract/operations/audit'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import pino from 'pino'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { systemClock } from '../../platform/base/clock.ts'
import { makeKeyring, newDataKey } from '../../platform/base/keyring.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { openPreparedReader } from '../../platform/db/prepared-reader.ts'
import type { By, Caller, RequestInfo } from '../../platform/http/request.ts'
import type { AdapterParts, BrokerAdapter } from './adapter.ts'
import { BrokerSet } from './broker-set.ts'
import { presentAll, presentOne } from './present.ts'
import { createBroker, type InventoryContext, removeBroker, requireBroker, updateBrokerBy } from './service.ts'
import { listBrokers } from './store.ts'

let app: TestApp
let database: OpenDatabase
let set: BrokerSet
let context: InventoryContext
let by: By

const keyring = makeKeyring(newDataKey())
const never = new Promise<never>(() => {})
/** What the adapters answer. */
const behaviour: { state: BrokerAdapter['state'] } = { state: () => never }
const parts: AdapterParts[] = []

function adapterOf({ id, name }: { id: string; name: string }): BrokerAdapter {
  return {
    id,
    name,
    capabilities: {} as never,
    enforced: async () => ({ isConfirmed: true, disconnected: 0 }),
    state: () => behaviour.state(),
    test: async () => [],
    close: async () => {},
  }
}

const adapters: InventoryContext['adapters'] = {
  mosquitto: (row, given) => {
    parts.push(given)
    return adapterOf(row)
  },
  'mosquitto-agent': adapterOf,
}

/** As one process of the console has it. */
function openSet(): BrokerSet {
  return new BrokerSet(adapterOf({ id: 'embedded', name: 'embedded' }), {
    ...database,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    dataDir: app.dataDir,
    keyring,
    adapters,
    openChanges: () => openPreparedReader(app.database),
  })
}

beforeAll(async () => {
  app = await startApp()
  database = await openDatabase(app.database)
  set = openSet()
  context = { ...database, clock: systemClock, keyring, brokers: set, adapters }
  const { user, permissions } = await (await app.as('admin'))(session.view, {})
  const caller = { userId: user?.id, username: 'admin', permissions, via: 'session' }
  by = { caller: caller as unknown as Caller, request: { ifMatch: null, address: '127.0.0.1' } as RequestInfo }
})
afterAll(async () => {
  await set.close()
  await database.close()
  await app.stop()
})
beforeEach(() => {
  behaviour.state = async () => ({ reachable: true, applied: 0, problems: [], connections: 4 })
})

const hall2 = {
  kind: 'mosquitto',
  name: 'hall-2',
  host: 'hall-2.example',
  port: 8883,
  username: 'gatehouse',
  password: 'a secret of hall-2',
} as const

const parsed = (body: object) => brokers.create.body.parse(body)
const create = (body: object) => createBroker(context, { ...by, body: parsed(body) })
const update = (id: string, body: object) =>
  updateBrokerBy(context, { ...by, id, body: brokers.update.body.parse(body) })
const remove = (id: string) => removeBroker(context, { ...by, id })
const view = async (id: string) => presentOne(context, await requireBroker(context.db, id))

async function eventsOf(id: string) {
  const { items } = await (await app.as('admin'))(audit.list, { search: { 'target[eq]': id } })
  return items
}

it('the embedded broker is listed with its state, cannot be changed, and passes its test', async () => {
  const admin = await app.as('admin')
  const { items } = await (await app.as('auditor'))(brokers.list, {})
  expect(items[0]).toMatchObject({ id: 'embedded', kind: 'embedded', state: { reachable: true, problems: [] } })
  expect(items[0]?.capabilities).toMatchObject({ mode: 'inline', revokeOne: 'any' })
  const params = { id: 'embedded' }
  expect(await admin(brokers.test, { params })).toEqual({
    steps: [{ step: 'listeners', outcome: 'passed', problem: null, detail: null }],
  })
  await refused(admin(brokers.update, { params, body: { name: 'other' } }), 'built_in')
  await refused(admin(brokers.remove, { params }), 'built_in')
})

it('a broker is created, changed and removed, with events that have no password', async () => {
  const authorities = makeAuthority({ subject: 'Plant CA' }).certificatePem
  const made = await create({ ...hall2, authorities, settings: { ports: { certificate: 8884, password: null } } })
  expect(made).toMatchObject({ ...without(hall2), hasPassword: true, version: 1, state: { connections: 4 } })
  expect(made.settings).toMatchObject({ capath: null, ports: { certificate: 8884, password: null } })
  expect(parts.at(-1)?.password).toBe(hall2.password)
  const changed = await update(made.id, { name: 'Hall 2', settings: { capath: '/etc/mosquitto/ca' } })
  expect(changed).toMatchObject({ name: 'Hall 2', version: 2, hasPassword: true })
  expect(changed.settings).toMatchObject({ capath: '/etc/mosquitto/ca', ports: { certificate: 8884 } })
  expect(parts.at(-1)?.password).toBe(hall2.password)
  expect(set.find(made.id)?.name).toBe('Hall 2')
  await remove(made.id)
  expect(set.find(made.id)).toBe(undefined)
  await expect(remove(made.id)).rejects.toMatchObject({ code: 'not_found' })
  const recorded = await eventsOf(made.id)
  expect(recorded.map(({ action }) => action)).toEqual(['broker.deleted', 'broker.updated', 'broker.created'])
  expect(JSON.stringify(recorded)).not.toContain(hall2.password)
})

it('a stored password must be given again when it would go elsewhere', async () => {
  const { id } = await create(hall2)
  for (const elsewhere of [
    { host: 'attacker.example' },
    { port: 1883 },
    { tls: false },
    { username: 'other' },
    { authorities: makeAuthority({ subject: 'Attacker' }).certificatePem },
  ]) {
    const error = { code: 'broker_refused', details: { fields: { password: 'required' } } }
    await expect(update(id, elsewhere)).rejects.toMatchObject(error)
  }
  expect(await update(id, { port: 1883, password: null })).toMatchObject({ port: 1883, hasPassword: false })
  expect(await update(id, { host: 'other.example' })).toMatchObject({ host: 'other.example', hasPassword: false })
  await remove(id)
})

it.each([
  ['a kind without an adapter', { ...hall2, kind: 'cedalo', settings: {} }, { kind: 'not_found' }],
  ['CA certificates that cannot be read', { ...hall2, authorities: 'rubbish' }, { authorities: 'not_a_certificate' }],
])('refuses %s', async (_says, body, fields) => {
  await expect(create(body)).rejects.toMatchObject({ code: 'broker_refused', details: { fields } })
})

it('refuses a name that is taken, a version that is old, and settings of another kind', async () => {
  const { id } = await create(hall2)
  await expect(create({ ...hall2, name: 'HALL-2' })).rejects.toMatchObject({ code: 'name_taken' })
  await expect(update(id, { settings: { listeners: [1] } })).rejects.toMatchObject({
    details: { fields: { 'settings.listeners': 'unknown' } },
  })
  const late = { ...by, request: { ...by.request, ifMatch: [7] } }
  await expect(removeBroker(context, { ...late, id })).rejects.toMatchObject({ code: 'changed_meanwhile' })
  await remove(id)
})

it('follows in another process what this one creates, changes and removes', async () => {
  const other = openSet()
  await other.follow()
  const { id } = await create(hall2)
  await expect.poll(() => other.find(id)?.name).toBe('hall-2')
  await update(id, { name: 'Hall 2' })
  await expect.poll(() => other.find(id)?.name).toBe('Hall 2')
  await remove(id)
  await expect.poll(() => other.find(id)).toBe(undefined)
  await other.close()
})

it('refuses more than 16 brokers', async () => {
  const made = await Promise.all(
    Array.from({ length: 16 }, (_, at) => create({ kind: 'mosquitto-agent', name: `hall-${at}` })),
  )
  await expect(create(hall2)).rejects.toMatchObject({ code: 'too_many_brokers' })
  for (const { id } of made) await remove(id)
})

it('lists a broker whose adapter never answers, and counts the changes that one has not applied', async () => {
  const { id } = await create(hall2)
  const { lag } = await view(id)
  expect(lag).toBeGreaterThan(0)
  behaviour.state = () => never
  const items = await presentAll(context, await listBrokers(context.db))
  expect(items.find((each) => each.id === id)).toMatchObject({
    lag: null,
    state: { reachable: false, problems: [{ code: 'no_answer' }] },
  })
  await remove(id)
})

it('changes nothing for a caller who has lost the rights since the request was authorised', async () => {
  const { id } = await create(hall2)
  const gone = { ...by, caller: { ...by.caller, userId: 'gone' } }
  const refusal = { code: 'not_permitted' }
  await expect(createBroker(context, { ...gone, body: parsed({ ...hall2, name: 'late' }) })).rejects.toMatchObject(
    refusal,
  )
  await expect(updateBrokerBy(context, { ...gone, id, body: { name: 'late' } })).rejects.toMatchObject(refusal)
  await expect(removeBroker(context, { ...gone, id })).rejects.toMatchObject(refusal)
  expect(await view(id)).toMatchObject({ name: 'hall-2', version: 1 })
  await remove(id)
})

function without({ password: _password, ...body }: typeof hall2) {
  return body
}
