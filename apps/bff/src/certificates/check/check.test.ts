/** Each certificate is checked first and presented to the broker afterwards. Both must agree. */
import type { CertificateCheck } from '@gatehouse/contract/certificates/check'
import { readPresented } from '@gatehouse/pki/read/certificate'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from '../../../test/broker-world.ts'
import { withChain } from '../../../test/mqtt-client.ts'

const plant = makeAuthority({ subject: 'Plant' })
const supplier = makeAuthority({ subject: 'Supplier' })
const old = makeAuthority({ subject: 'Old', notAfter: new Date('2021-01-01') })
const forServers = makeAuthority({ subject: 'For servers', extendedKeyUsage: ['serverAuth'] })
const stranger = makeAuthority({ subject: 'Stranger' })
const between = issueAuthority(plant, { subject: 'Between' })
const notACa = issue(plant, { subject: 'Not a CA' })
const past = new Date('2021-01-01')
const future = new Date('2048-01-01')
const required = (method: 'certificate' | 'password') => ({ method, isRequired: true })

let world: World
beforeAll(async () => {
  world = await startWorld()
  for (const authority of [plant, old, forServers]) await world.addAuthority(authority)
  await world.addAuthority(supplier, ['line-3-*'])
  await world.addUser('device001', { read: ['line-3/#'], write: ['line-3/state'], prefix: 'p/' })
  await world.addUser('line-3-a')
  await world.addUser('bare', { grants: [] })
  await world.addUser('password-only', { password: 'right one' })
  await world.addUser('token-only', { grants: ['token'] })
  await world.addUser('certificate-required', { grants: [required('certificate'), 'password'], password: 'x' })
  await world.addUser('both', { grants: [required('certificate'), required('password')], password: 'x' })
  await world.addUser('password-required', { grants: ['certificate', required('password')], password: 'x' })
  const off = await world.addUser('off')
  await world.db.updateTable('users').set({ disabled_at: '2026-01-01T00:00:00.000Z' }).where('id', '=', off).execute()
})
afterAll(() => world.stop())

const users = [
  'device001',
  'DEVICE001',
  'line-3-a',
  'bare',
  'password-only',
  'token-only',
  'certificate-required',
  'both',
  'password-required',
  'off',
  'nobody-at-all',
]

const chains: [string, (subject: string) => Issued][] = [
  ['of the plant', (subject) => issue(plant, { subject })],
  ['of the limited supplier', (subject) => issue(supplier, { subject })],
  ['through an intermediate', (subject) => withChain(issue(between, { subject }), between)],
  ['expired', (subject) => issue(plant, { subject, notAfter: past })],
]

const device: [string, Issued][] = [
  ['of a stranger', issue(stranger, { subject: 'device001' })],
  ['without its intermediate', issue(between, { subject: 'device001' })],
  ['forged', issue(plant, { subject: 'device001', isForged: true })],
  ['not yet valid', issue(plant, { subject: 'device001', notBefore: future })],
  ['of an expired authority', issue(old, { subject: 'device001' })],
  ['of an authority for servers', issue(forServers, { subject: 'device001' })],
  ['for servers', issue(plant, { subject: 'device001', extendedKeyUsage: ['serverAuth'] })],
  ['expired and for servers', issue(plant, { subject: 'device001', notAfter: past, extendedKeyUsage: ['serverAuth'] })],
  ['signed by a leaf', withChain(issue(notACa, { subject: 'device001' }), notACa)],
  ['version 1', issue(plant, { subject: 'device001', version: 1 })],
  ['with rubbish behind it', withChain(issue(plant, { subject: 'device001' }), stranger, notACa)],
  ['with a short name', issue(plant, { subject: 'ab' })],
  ['with a name in Greek', issue(plant, { subject: 'συσκευή' })],
  ['with a broken name', issue(plant, { subject: 'device001\n' })],
  ['without a name', issue(plant, { subject: [[{ type: 'O', value: 'device001' }]] })],
  [
    'with two names',
    issue(plant, { subject: [[{ type: 'CN', value: 'device001' }], [{ type: 'CN', value: 'bare' }]] }),
  ],
  ['an authority itself', plant],
  ['an intermediate itself', between],
]

async function askAbout(certificate: Issued): Promise<CertificateCheck> {
  const checked = await world.broker.checkCertificate(readPresented(certificate.certificatePem))
  if (!checked?.found) throw new Error('The broker did not answer')
  return checked.found
}

/** Passed checks, then at most one that failed, then checks that were not reached. */
function isOrderly({ admitted, checks }: CertificateCheck): boolean {
  const answers = checks.filter(({ check }) => check !== 'topics').map(({ ok }) => ok)
  const passed = answers.findIndex((ok) => ok !== true)
  if (passed < 0) return admitted
  return !admitted && answers[passed] === false && answers.slice(passed + 1).every((ok) => ok === null)
}

/** The result of the check, and what happened to a client that presented the certificate. */
async function compare(certificate: Issued) {
  const told = await askAbout(certificate)
  const client = await world.connect({ tls: certificate })
  const code = await client.connack()
  const [decision] = (await world.decided()).slice(-1)
  client.socket.destroy()
  // The broker does not look up the user during the handshake.
  const userId = code === null ? told.userId : (decision?.userId ?? null)
  const { listener, listeners, ...result } = told
  return {
    told: {
      ...result,
      checks: isOrderly(told),
      outcome: listeners.find(({ name }) => name === listener)?.outcome,
    },
    met: {
      admitted: code === 0,
      reason: decision?.reason,
      returnCode: code,
      username: decision?.username ?? null,
      userId,
      fingerprint: certificate.fingerprint,
      checks: true,
      outcome: code === 0 ? 'admitted' : 'refused',
    },
  }
}

describe.each(chains)('a certificate %s', (_what, make) => {
  test.each(users)('for %s is judged as it is admitted', async (subject) => {
    const { told, met } = await compare(make(subject))
    expect(told).toEqual(met)
  })
})

test.each(device)('a certificate %s is judged as it is admitted', async (_what, certificate) => {
  const { told, met } = await compare(certificate)
  expect(told).toEqual(met)
})

const detailOf = ({ checks }: CertificateCheck, name: string) => checks.find(({ check }) => check === name)

describe('the details', () => {
  test('of a certificate that is admitted', async () => {
    const checked = await askAbout(withChain(issue(between, { subject: 'device001' }), between))
    expect(checked).toMatchObject({ admitted: true, reason: null, returnCode: 0, username: 'device001' })
    expect(checked.checks.every(({ ok }) => ok)).toBe(true)
    expect(detailOf(checked, 'parses')?.detail).toMatchObject({
      certificates: 2,
      x509Version: 3,
      keyAlgorithm: 'ECDSA P-256',
    })
    expect(detailOf(checked, 'chain')?.detail).toMatchObject({ authority: plant.fingerprint, authorityName: 'Test' })
    expect(detailOf(checked, 'topics')?.detail).toEqual({
      subscribe: ['line-3/#'],
      publish: ['line-3/state'],
      publishPrefix: 'p/',
    })
  })

  test('of a certificate that is admitted without any right', async () => {
    const checked = await askAbout(issue(plant, { subject: 'line-3-a' }))
    expect(checked.admitted).toBe(true)
    expect(detailOf(checked, 'topics')).toEqual({ check: 'topics', ok: false, detail: { subscribe: [], publish: [] } })
  })

  test('of an expired certificate name its CA, and leave out checks that were not reached', async () => {
    const checked = await askAbout(issue(plant, { subject: 'device001', notAfter: past }))
    expect(detailOf(checked, 'chain')).toMatchObject({ ok: true, detail: { authorityName: 'Test' } })
    expect(detailOf(checked, 'dates')).toMatchObject({ ok: false, detail: { notAfter: past.toISOString() } })
    expect(detailOf(checked, 'enabled')).toEqual({ check: 'enabled', ok: null, detail: {} })
    expect(detailOf(checked, 'topics')).toEqual({ check: 'topics', ok: null, detail: {} })
  })

  test('of too many certificates, and of input that is not a certificate', async () => {
    const many = Array.from({ length: 11 }, () => plant.der)
    expect(await world.broker.checkCertificate(many)).toMatchObject({
      found: { admitted: false, reason: 'too_many_certificates' },
    })
    expect(await world.broker.checkCertificate([new Uint8Array([0x30, 0])])).toMatchObject({
      found: { reason: 'malformed' },
    })
  })
})

test('a listener that ignores certificates admits none', async () => {
  const deaf = await startWorld({ clientCertificate: 'ignored' })
  await deaf.addAuthority(plant)
  await deaf.addUser('device001')
  const certificate = issue(plant, { subject: 'device001' })
  const { found: checked = null } = (await deaf.broker.checkCertificate([certificate.der])) ?? {}
  const client = await deaf.connect({ tls: certificate })
  expect(checked).toMatchObject({ admitted: false, reason: 'no_credentials', returnCode: await client.connack() })
  expect(checked?.checks.filter(({ ok }) => ok !== null)).toEqual([
    { check: 'listener', ok: false, detail: { clientCertificate: 'ignored' } },
  ])
  await deaf.stop()
})
