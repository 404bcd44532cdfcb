// @postgres
/** Hand-overs through the API: what is generated for a listener, and how old what was applied is. */
import { kubernetes } from '@gatehouse/contract/brokers/kubernetes'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { beforeTransactions, byAdmin } from '../../../test/direct-call.ts'
import { systemClock } from '../../platform/base/clock.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { openDatabase } from '../../platform/db/open.ts'
import type { By } from '../../platform/http/request.ts'
import { generateFor, recordHandOver } from './service.ts'

let app: TestApp
let target: { kind: 'listener'; id: string }
beforeAll(async () => {
  app = await startApp()
  const { items } = await (await app.as('admin'))(listeners.list, { search: {} })
  target = { kind: 'listener', id: items.find(({ tls }) => tls)?.id ?? '' }
})
afterAll(() => app.stop())

async function generate(of: { kind: 'broker' | 'listener'; id: string } = target) {
  return (await app.as('auditor'))(kubernetes.generate, { body: { target: of } })
}

async function record() {
  const admin = await app.as('admin')
  const { settings, contentHash } = await generate()
  return admin(kubernetes.record, { body: { target, settings, contentHash } })
}

async function trust(certificates: string, usernames: string[] = []): Promise<string> {
  const { added } = await (await app.as('admin'))(authorities.create, { body: { certificates, usernames } })
  return added[0]?.fingerprint ?? ''
}

it('generates texts by the rules of the listener, with its server certificate and without its key', async () => {
  const { name, settings, texts, authorities: included, warnings } = await generate()
  expect(name).toBe('mqtts')
  expect(settings).toMatchObject({ useIdentityAsUsername: true, minimumTlsVersion: '1.2', namespace: 'default' })
  expect(included.map((each) => each.name)).toEqual(['Gatehouse'])
  expect(warnings).toEqual([])
  const server = texts.find(({ kind }) => kind === 'serverSecret')?.text ?? ''
  expect(server).toContain('-----BEGIN CERTIFICATE-----')
  expect(JSON.stringify(texts)).not.toContain('PRIVATE KEY')
})

it('leaves out a CA that is limited to usernames, and says when a root is missing', async () => {
  const root = makeAuthority({ subject: 'Root of the plant' })
  const limited = await trust(makeAuthority({ subject: 'Limited CA' }).certificatePem, ['press-*'])
  const intermediate = await trust(issueAuthority(root, { subject: 'Line 3' }).certificatePem)
  const generated = await generate()
  expect(generated.leftOut).toEqual([{ fingerprint: limited, name: 'Limited CA', reason: 'limited' }])
  expect(generated.authorities.map(({ fingerprint }) => fingerprint)).toContain(intermediate)
  expect(generated.warnings).toEqual(['root_missing'])
  const admin = await app.as('admin')
  for (const fingerprint of [limited, intermediate]) await admin(authorities.remove, { params: { fingerprint } })
})

it('leaves out a limited intermediate and its root, with the reason of each', async () => {
  const root = makeAuthority({ subject: 'Root of hall 4' })
  const above = await trust(root.certificatePem)
  const limited = await trust(issueAuthority(root, { subject: 'Line 4' }).certificatePem, ['press-*'])
  const { leftOut, authorities: included } = await generate()
  expect(leftOut.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { fingerprint: limited, name: 'Line 4', reason: 'limited' },
    { fingerprint: above, name: 'Root of hall 4', reason: 'above_limited' },
  ])
  expect(included.map((each) => each.name)).toEqual(['Gatehouse'])
  const admin = await app.as('admin')
  for (const fingerprint of [above, limited]) await admin(authorities.remove, { params: { fingerprint } })
})

it('says how many changes old the secret is, and nothing after the same change was undone', async () => {
  const { state } = await record()
  expect(state).toMatchObject({ added: 0, removed: 0, serverCertificateChanged: false, appliedBy: 'admin' })
  const pem = makeAuthority({ subject: 'North CA' }).certificatePem
  const north = await trust(pem)
  await trust(makeAuthority({ subject: 'South CA' }).certificatePem)
  const admin = await app.as('admin')
  expect((await admin(kubernetes.list, {})).items).toMatchObject([{ name: 'mqtts', state: { added: 2, removed: 0 } }])
  const later = await record()
  expect(later.state.sequence).toBeGreaterThan(state.sequence)
  await admin(authorities.remove, { params: { fingerprint: north } })
  expect((await admin(kubernetes.list, {})).items).toMatchObject([{ state: { added: 0, removed: 1 } }])
  await trust(pem)
  expect((await admin(kubernetes.list, {})).items).toMatchObject([{ state: { added: 0, removed: 0 } }])
})

it('refuses to record texts that are not the current ones', async () => {
  const admin = await app.as('admin')
  const { settings, contentHash } = await generate()
  await trust(makeAuthority({ subject: 'Late CA' }).certificatePem)
  await refused(admin(kubernetes.record, { body: { target, settings, contentHash } }), 'changed_meanwhile')
  expect((await admin(kubernetes.list, {})).items).toMatchObject([{ state: { added: 1 } }])
})

it('keeps the names of the last time, and refuses names that a shell or Kubernetes would read differently', async () => {
  const admin = await app.as('admin')
  const { settings, contentHash } = await generate()
  const named = { ...settings, namespace: 'hall-2', topology: 'cluster' as const }
  await admin(kubernetes.record, { body: { target, settings: named, contentHash } })
  expect((await generate()).settings).toEqual(named)
  for (const namespace of ['a b', '$(id)', 'Plant', '-x', 'a'.repeat(64)]) {
    await refused(admin(kubernetes.generate, { body: { target, settings: { ...named, namespace } } }), 'invalid')
  }
})

it('records, lists and forgets only with the permission, and notes both in the audit log', async () => {
  const [admin, auditor] = [await app.as('admin'), await app.as('auditor')]
  const { settings, contentHash } = await generate()
  await refused(auditor(kubernetes.record, { body: { target, settings, contentHash } }), 'not_permitted')
  await refused(auditor(kubernetes.remove, { params: target }), 'not_permitted')
  await admin(kubernetes.remove, { params: target })
  expect((await admin(kubernetes.list, {})).items).toEqual([])
  await refused(admin(kubernetes.remove, { params: target }), 'not_found')
  const { items } = await admin(audit.list, { search: { 'targetType[eq]': 'listener' } })
  expect(items.slice(0, 2).map(({ action }) => action)).toEqual(['kubernetes.forgotten', 'kubernetes.applied'])
})

describe('the trust store is judged before the transaction', () => {
  let database: OpenDatabase
  let by: By
  const server = makeAuthority({ subject: 'Server CA' })
  const parts = () => ({ reader: database.reader, clock: systemClock, commonCertificate: () => server.certificatePem })
  beforeAll(async () => {
    database = await openDatabase(app.database)
    by = await byAdmin(app)
  })
  afterAll(() => database.close())

  async function recordAfter(change: () => Promise<unknown>, hash?: string) {
    const { settings, contentHash } = await generateFor({ ...parts(), db: database.db }, { target })
    const body = { target, settings, contentHash: hash ?? contentHash }
    return recordHandOver({ ...parts(), db: beforeTransactions(database.db, change) }, body, by)
  }

  it('refuses other texts without a transaction', async () => {
    const recorded = recordAfter(() => Promise.reject(new Error('a transaction')), 'f'.repeat(64))
    await expect(recorded).rejects.toMatchObject({ code: 'changed_meanwhile' })
  })

  it('records when something else has changed meanwhile, and refuses when a CA was added', async () => {
    const admin = await app.as('admin')
    const body = { username: 'meanwhile', kind: 'machine' as const }
    expect(await recordAfter(() => admin(users.create, { body }))).toMatchObject({ state: { added: 0 } })
    const { certificatePem } = makeAuthority({ subject: 'CA of the last moment' })
    await expect(recordAfter(() => trust(certificatePem))).rejects.toMatchObject({ code: 'changed_meanwhile' })
  })
})

it('answers not_found for a target that does not exist', async () => {
  await refused(generate({ kind: 'listener', id: '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b76' }), 'not_found')
  await refused(generate({ kind: 'broker', id: '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b76' }), 'not_found')
})
