// @postgres
/** Each figure agrees with the list behind its link, and is hidden from callers who may not read that list. */
import { execFileSync } from 'node:child_process'
import type { Permission } from '@gatehouse/contract/access/permission'
import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { expiryWindows } from '@gatehouse/contract/certificates/expiry'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { type UserCreate, users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { overview } from '@gatehouse/contract/operations/overview'
import { settings } from '@gatehouse/contract/operations/settings'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, startApp, type TestApp } from '../../../test/app.ts'
import { enrol, signIn } from '../../../test/authenticator.ts'
import { eventually } from '../../../test/broker-world.ts'
import { connectClient, type RawClient } from '../../../test/mqtt-client.ts'

const dayMs = 24 * 60 * 60_000
const inDays = (days: number) => new Date(Date.now() + days * dayMs + 60_000)
const vouching = makeAuthority({ subject: 'Vouching', notAfter: inDays(3_000) })

let app: TestApp
const clients: RawClient[] = []
beforeAll(async () => {
  app = await startApp()
  const admin = await app.as('admin')
  const soon = [
    makeAuthority({ subject: 'In five days', notAfter: inDays(5) }),
    makeAuthority({ subject: 'In twenty', notAfter: inDays(20) }),
    makeAuthority({ subject: 'In fifty', notAfter: inDays(50) }),
    makeAuthority({ subject: 'In a hundred', notAfter: inDays(100) }),
    vouching,
  ]
  await admin(authorities.create, { body: { certificates: soon.map((one) => one.certificatePem).join('') } })
})
afterAll(async () => {
  for (const client of clients) client.socket.destroy()
  await app.stop()
})

const make = async (user: UserCreate) => (await app.as('admin'))(users.create, { body: user })
const view = async () => (await app.as('admin'))(overview.view, {})
const password = [{ method: 'password' as const }]

async function connect(port: number, options: Parameters<typeof connectClient>[1]): Promise<RawClient> {
  const client = await connectClient(port, options)
  clients.push(client)
  return client
}

const inAll = (counts: number[] | undefined) => counts?.reduce((before, count) => before + count, 0)
const portOf = (url: string | null) => Number(new URL(url ?? '').port)

describe('what needs attention', () => {
  it('counts the users without a second factor that a policy demands', async () => {
    await make({ username: 'demanded', password: goodPassword, grantTypes: password, mfaRequired: true })
    await make({ username: 'free', password: goodPassword, grantTypes: password })
    await make({ username: 'machine', grantTypes: [{ method: 'certificate' }], mfaRequired: true })
    const off = await make({ username: 'off', password: goodPassword, grantTypes: password, mfaRequired: true })
    const admin = await app.as('admin')
    await admin(users.update, { params: { id: off.id }, body: { disabled: true } })
    const list = async () =>
      (await admin(users.list, { search: { 'factor[eq]': 'missing', 'state[eq]': 'enabled' } })).items
    expect((await list()).map(({ username }) => username)).toEqual(['demanded'])
    expect((await view()).users).toMatchObject({ total: 5, factorMissing: 1 })
  })

  it('counts authorities by how soon they expire', async () => {
    const admin = await app.as('admin')
    const { expiries, total } = (await view()).authorities ?? {}
    expect({ expiries, total }).toEqual({ total: 6, expiries: { expired: 0, '7-days': 1, '30-days': 2, '60-days': 3 } })
    for (const window of expiryWindows) {
      const listed = await admin(authorities.list, { search: { 'expires[eq]': window } })
      expect(listed.total).toBe(expiries?.[window])
    }
    const { items } = await admin(authorities.list, { search: { 'expires[eq]': '30-days', sort: 'notAfter' } })
    expect(items.map(({ name }) => name)).toEqual(['In five days', 'In twenty'])
    app.advance(10 * dayMs)
    const fresh = await signIn(app, 'admin')
    const later = await fresh.call(overview.view, {})
    expect(later.authorities?.expiries).toEqual({ expired: 1, '7-days': 0, '30-days': 1, '60-days': 2 })
    app.advance(-10 * dayMs)
  })

  it('counts certificates with a live connection', async () => {
    await make({ username: 'device001', grantTypes: [{ method: 'certificate' }] })
    const certificate = issue(vouching, { subject: 'device001', notAfter: inDays(12) })
    const client = await connect(portOf(app.started.mqttsUrl), { tls: certificate, connect: { clientId: 'd1' } })
    expect(await client.connack()).toBe(0)
    const expiries = (await view()).certificates
    expect(expiries).toEqual({ expired: 0, '7-days': 0, '30-days': 1, '60-days': 1 })
    const admin = await app.as('admin')
    const { items } = await admin(broker.connections, { search: { 'expires[eq]': '30-days' } })
    expect(items.map(({ clientId }) => clientId)).toEqual(['d1'])
    expect((await admin(broker.connections, { search: { 'expires[eq]': '7-days' } })).items).toEqual([])
  })

  it('counts the refusals of the last hour', async () => {
    const stranger = { username: 'nobody-knows', password: Buffer.from('a guess') }
    for (let n = 0; n < 3; n++)
      expect(await (await connect(portOf(app.started.mqttUrl), { connect: stranger })).connack()).toBe(4)
    const { since = '', ...counted } = (await view()).refusals ?? {}
    expect(counted).toEqual({ count: 3, isMore: false })
    const admin = await app.as('admin')
    const search = { 'outcome[eq]': 'refused', 'at[gte]': since } as const
    expect((await admin(broker.decisions, { search })).items).toHaveLength(3)
    const tomorrow = new Date(Date.now() + dayMs).toISOString()
    expect((await admin(broker.decisions, { search: { ...search, 'at[gte]': tomorrow } })).items).toEqual([])
  })

  it('shows the last sign-ins and the certificate of the server', async () => {
    await signIn(app, 'free')
    const { users: ofUsers, broker: ofBroker } = await view()
    // The administrator's sign-in was ahead of the clock above.
    expect(ofUsers?.lastSignIns.slice(0, 2).map(({ username }) => username)).toEqual(['admin', 'free'])
    expect(ofBroker).toMatchObject({ running: true, connections: 1, serverCertificate: { isGenerated: true } })
    expect(Date.parse(ofBroker?.serverCertificate?.notAfter ?? '')).toBeGreaterThan(Date.now() + 300 * dayMs)
  })
})

describe('over time', () => {
  it('shows sign-ins, refusals and connections, also after a restart', async () => {
    const admin = await app.as('admin')
    await signIn(app, 'free', 'wrong').catch(() => {})
    const told = async () => {
      const activity = await (await signIn(app, 'admin')).call(overview.activity, {})
      expect(activity).toMatchObject({ stepSeconds: 600 })
      expect(activity.connections).toHaveLength(144)
      expect(Math.max(...(activity.connections ?? []))).toBe(1)
      expect(inAll(activity.broker?.admitted)).toBe(1)
      expect(inAll(activity.broker?.refused)).toBe(3)
      const until = new Date(Date.now() + dayMs).toISOString()
      const search = { 'action[eq]': 'session.signed-in', 'at[lt]': until } as const
      expect(inAll(activity.console?.admitted)).toBe((await admin(audit.list, { search })).total)
      expect(inAll(activity.console?.refused)).toBe(1)
    }
    await eventually(told)
    await app.restart()
    await told()
  })

  it.each([
    ['day', 600, 144],
    ['week', 3_600, 168],
    ['month', 21_600, 120],
  ] as const)('a %s in steps of %i seconds', async (range, stepSeconds, steps) => {
    const { call } = await signIn(app, 'admin')
    const activity = await call(overview.activity, { search: { range } })
    expect(activity.stepSeconds).toBe(stepSeconds)
    const refused = activity.broker?.refused ?? []
    expect(refused).toHaveLength(steps)
    expect(Date.parse(activity.from) % (stepSeconds * 1_000)).toBe(0)
    expect(Date.parse(activity.from) + steps * stepSeconds * 1_000).toBeGreaterThan(Date.now())
    expect(refused.reduce((sum, count) => sum + count, 0)).toBe(3)
  })
})

/** The weeks in which a certificate ends, and how many. */
function filled(counts: number[] | null) {
  return counts?.flatMap((count, week) => (count > 0 ? [[week, count]] : []))
}

describe('what expires next', () => {
  it('lists authorities, issued and seen certificates and the server’s own, the soonest first and each once', async () => {
    const { call } = await signIn(app, 'admin')
    await make({ username: 'issued-to', grantTypes: [{ method: 'certificate' }] })
    const [user] = (await call(users.list, { search: { search: 'issued-to' } })).items
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null']
    const csr = execFileSync('openssl', ['req', '-new', ...key, '-subj', '/CN=any'], { stdio: 'pipe' }).toString()
    const create = (renews?: string) =>
      call(clientCertificates.create, { body: { csr, userId: user?.id ?? '', days: 30, ...(renews && { renews }) } })
    // The first one was renewed, so nothing is left to do about it.
    await create((await create()).fingerprint)
    await eventually(async () => {
      const { next, weeks, from } = await call(overview.expiries, {})
      expect(next.map(({ kind, name }) => [kind, name])).toEqual([
        ['authority', 'In five days'],
        ['seen', 'device001'],
        ['authority', 'In twenty'],
        ['issued', 'issued-to'],
        ['authority', 'In fifty'],
        ['authority', 'In a hundred'],
        ['server', expect.any(String)],
        ['authority', 'Vouching'],
      ])
      const weekOf = (days: number) => Math.floor((inDays(days).getTime() - Date.parse(from)) / (7 * dayMs))
      expect(filled(weeks.seen)).toEqual([[weekOf(12), 1]])
      expect(filled(weeks.issued)).toEqual([[weekOf(30), 1]])
      expect(filled(weeks.authority)).toEqual([5, 20, 50, 100].map((days) => [weekOf(days), 1]))
      expect(weeks.authority).toHaveLength(52)
    })
  })
})

describe('a figure is hidden from a caller who may not read its list', () => {
  const nothing = {
    users: null,
    authorities: null,
    broker: null,
    brokers: null,
    certificates: null,
    storage: null,
    refusals: null,
    providers: null,
    admissions: null,
  }
  const silent = { connections: null, broker: null, console: null }
  const ends = { authority: ['authority'], clients: ['issued', 'seen'], broker: ['server'] }
  it.each<[string, string[], string[], string[]?]>([
    ['/api/users', ['users'], []],
    ['/api/users/+', [], []],
    ['/api/authorities', ['authorities'], [], ends.authority],
    ['/api/client-certificates', [], [], ends.clients],
    ['/api/broker', ['broker'], ['connections'], ends.broker],
    ['/api/broker/connections', ['certificates'], []],
    ['/api/broker/decisions', ['refusals'], ['broker']],
    ['/api/settings', ['storage'], []],
    ['/api/admission-rules', ['admissions'], []],
    ['/api/audit', [], ['console']],
  ])('%s', async (resource, figures, series, kinds = []) => {
    const username = `reads${resource.replace(/\W+/g, '-')}`
    const permissions: Permission[] = [{ context: 'http', resource, operation: 'read' }]
    await make({ username, password: goodPassword, mustChangePassword: false, grantTypes: password, permissions })
    const { call } = await signIn(app, username)
    const given = await call(overview.view, {})
    expect(Object.entries(given).flatMap(([name, value]) => (value === null ? [] : name))).toEqual(figures)
    expect(Object.keys(given).toSorted()).toEqual(Object.keys(nothing).toSorted())
    const { next, weeks } = await call(overview.expiries, {})
    expect([...new Set(next.map(({ kind }) => kind))].toSorted()).toEqual(kinds)
    const counted = Object.entries(weeks).flatMap(([name, value]) => (value === null ? [] : name))
    expect(counted.toSorted()).toEqual(kinds.filter((kind) => kind !== 'server'))
    const { from: _from, stepSeconds: _step, ...over } = await call(overview.activity, {})
    expect(Object.entries(over).flatMap(([name, value]) => (value === null ? [] : name))).toEqual(series)
    expect(Object.keys(over).toSorted()).toEqual(Object.keys(silent).toSorted())
  })
})

it('counts all users with a password and no second factor if a policy demands it of everyone', async () => {
  const browser = await signIn(app, 'admin')
  await browser.call(settings.update, { body: { mfa: { requiredFor: 'everyone', roles: [] } } })
  await enrol(app, browser)
  const { items } = await browser.call(users.list, { search: { limit: 200, 'method[eq]': 'password' } })
  const missing = items.filter(({ disabledAt, mfa }) => disabledAt === null && !mfa.enabled)
  expect((await browser.call(overview.view, {})).users?.factorMissing).toBe(missing.length)
  expect(missing.length).toBeGreaterThan(5)
})
