/** A revocation ends connections, by the console or by a CRL. After it is undone they are admitted again. */
import { fingerprintOf, readFields } from '@gatehouse/pki/read/certificate-fields'
import { openRevocationList } from '@gatehouse/pki/read/revocation-list'
import { canonicalSerialNumber } from '@gatehouse/pki/read/serial-number'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { type ListRecipe, makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually, startWorld, type World } from '../../../test/broker-world.ts'
import { withChain } from '../../../test/mqtt-client.ts'
import { systemClock } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import { defaultPolicies } from '../../platform/policies/store.ts'

const minute = 60_000
const day = 24 * 60 * minute

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())
afterEach(async () => {
  world.clockOffset[0] = 0
  await world.db.deleteFrom('revocations').execute()
  await world.db.deleteFrom('revocation_lists').execute()
  await setPolicy('accept')
  await world.changed({ kind: 'authority', ids: null })
})

const keyOf = ({ der }: Issued) => fingerprintOf(readFields(der).spki)
const numberOf = ({ der }: Issued) => canonicalSerialNumber(readFields(der).serialNumber) ?? ''

function revoke(certificate: Issued, by: Issued): Promise<void> {
  return revokeNumbers([numberOf(certificate)], by)
}

async function revokeNumbers(numbers: readonly string[], by: Issued): Promise<void> {
  const row = { issuer: '', subject_folded: '', reason: 'unspecified', revoked_at: systemClock.now().toISOString() }
  const rows = numbers.map((serial_number) => ({
    ...row,
    id: newId(systemClock.now()),
    issuer_key: keyOf(by),
    serial_number,
  }))
  // Like another process, which does not notify the broker.
  await world.db.transaction().execute((trx) => trx.insertInto('revocations').values(rows).execute())
}

interface ListOptions extends Omit<ListRecipe, 'entries'> {
  revoked?: readonly Issued[]
  nextUpdateInMs?: number
}

async function putList(by: Issued, { revoked = [], nextUpdateInMs = day, ...recipe }: ListOptions = {}): Promise<void> {
  const now = systemClock.now().getTime()
  const entries = revoked.map(({ der }) => ({ serialNumber: Buffer.from(readFields(der).serialNumber, 'hex') }))
  const nextUpdate = new Date(now + nextUpdateInMs)
  const der = makeRevocationList(by, { thisUpdate: new Date(now - minute), nextUpdate, ...recipe, entries })
  const list = await openRevocationList(der)
  await world.db.deleteFrom('revocation_lists').where('issuer_key', '=', keyOf(by)).execute()
  await world.db
    .insertInto('revocation_lists')
    .values({
      fingerprint: list.fingerprint,
      issuer_key: keyOf(by),
      scope: list.scope,
      issuer: list.issuer,
      number: list.number,
      this_update: list.thisUpdate.toISOString(),
      next_update: nextUpdate.toISOString(),
      entry_count: list.count,
      signature_algorithm: list.signatureAlgorithm,
      uploaded_by: null,
      uploaded_at: systemClock.now().toISOString(),
      der: Buffer.from(der),
    })
    .execute()
}

async function setPolicy(whenExpired: 'accept' | 'refuse'): Promise<void> {
  const policies = JSON.stringify({ ...defaultPolicies, crl: { whenExpired } })
  await world.db
    .insertInto('settings')
    .values({ id: 1, policies, version: 2 })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ policies }))
    .execute()
}

let made = 0
/** A CA with an intermediate and two machines, which are connected with sessions that outlive their connections. */
async function plant() {
  const root = makeAuthority({ subject: `Root ${++made}` })
  const middle = issueAuthority(root, { subject: `Middle ${made}` })
  await world.addAuthority(root)
  const machines = []
  for (const name of ['one', 'two']) {
    const username = `${name}-${made}`
    const certificate = issue(middle, { subject: username })
    const userId = await world.addUser(username, { read: ['line-3/#'] })
    const tls = withChain(certificate, middle)
    const come = () => world.connect({ tls, connect: { clientId: username, clean: false } })
    const client = await come()
    expect(await client.connack()).toBe(0)
    expect(await client.subscribeWith(1, 'line-3/#')).toEqual([1])
    machines.push({ username, userId, certificate, come, client })
  }
  const [one, two] = machines
  if (!one || !two) throw new Error('No machines')
  return { root, middle, one, two }
}

type Machine = Awaited<ReturnType<typeof plant>>['one']

async function expectRefused({ come, username }: Machine, reason: 'revoked' | 'crl_expired'): Promise<void> {
  const client = await come()
  // The connection ends in the handshake, before a byte of MQTT.
  expect(await client.connack()).toBeNull()
  expect(await world.decided({ username, outcome: 'refused', reason })).not.toEqual([])
}

/** Whether the client finds its stored session. */
async function comesBack({ come }: Machine): Promise<{ sessionPresent: boolean }> {
  const client = await come()
  const connack = await client.next('connack')
  expect(connack?.returnCode).toBe(0)
  return { sessionPresent: connack?.sessionPresent === true }
}

const impactOf = (certificate: Issued, by: Issued) =>
  world.broker.impactOnRevocation({ issuerKey: keyOf(by), serialNumber: numberOf(certificate) })

describe('a revocation', () => {
  test('ends the connection and its session, and refuses only this certificate until it is undone', async () => {
    const { middle, one, two } = await plant()
    await revoke(one.certificate, middle)
    expect(await world.changed({ kind: 'authority', ids: null })).toBe(1)
    await one.client.closed
    expect(await world.decided({ username: one.username, outcome: 'closed' })).toMatchObject([{ reason: 'revoked' }])
    expect(await two.client.settle()).toBe(true)
    await expectRefused(one, 'revoked')

    await world.db.deleteFrom('revocations').execute()
    expect(await world.changed({ kind: 'authority', ids: null })).toBe(0)
    expect(await comesBack(one)).toEqual({ sessionPresent: false })
  })

  test('of the intermediate ends all connections below it', async () => {
    const { root, middle, one, two } = await plant()
    await revoke(middle, root)
    expect(await world.changed({ kind: 'authority', ids: null })).toBe(2)
    await Promise.all([one.client.closed, two.client.closed])
  })

  test('drops the session of a client that is away', async () => {
    const { middle, one } = await plant()
    one.client.socket.end()
    await eventually(async () => expect(await world.broker.connectionsOf(one.userId)).toBe(0))
    await revoke(one.certificate, middle)
    await world.changed({ kind: 'authority', ids: null })
    await world.db.deleteFrom('revocations').execute()
    await world.changed({ kind: 'authority', ids: null })
    expect(await comesBack(one)).toEqual({ sessionPresent: false })
  })

  test('by another process is enforced without a notification', async () => {
    const { middle, one } = await plant()
    await revoke(one.certificate, middle)
    await world.log({ kind: 'revocation', ids: null })
    await one.client.closed
    expect(await world.decided({ username: one.username, outcome: 'closed' })).toMatchObject([{ reason: 'revoked' }])
  })

  test('also ends a connection by password that presented the certificate', async () => {
    const { middle } = await plant()
    const username = `both-${made}`
    await world.addUser(username, { password: 'p', read: ['#'] })
    const certificate = issue(middle, { subject: username })
    const connect = { username, password: Buffer.from('p') }
    const client = await world.connect({ tls: withChain(certificate, middle), connect })
    expect(await client.connack()).toBe(0)
    await revoke(certificate, middle)
    expect(await world.changed({ kind: 'authority', ids: null })).toBe(1)
    await client.closed
  })

  test('has a preview, which ends nothing', async () => {
    const { root, middle, one, two } = await plant()
    expect(await impactOf(one.certificate, middle)).toEqual({ connections: 1, usernames: [one.username], userCount: 1 })
    expect(await impactOf(middle, root)).toMatchObject({ connections: 2, userCount: 2 })
    expect(await impactOf(one.certificate, root)).toMatchObject({ connections: 0 })
    expect(await Promise.all([one, two].map(({ client }) => client.settle()))).toEqual([true, true])
  })

  test('is enforced among ten thousand others', async () => {
    const { middle, one, two } = await plant()
    const numbers = Array.from({ length: 10_000 }, (_, i) => `ff${i.toString(16).padStart(38, '0')}`)
    while (numbers.length > 0) await revokeNumbers(numbers.splice(0, 1_000), middle)
    await revoke(one.certificate, middle)
    await world.log({ kind: 'revocation', ids: null })
    await one.client.closed
    expect(await two.client.settle()).toBe(true)
  })
})

describe('a CRL', () => {
  test('ends connections of certificates that it names, until a newer CRL does not name them', async () => {
    const { middle, one, two } = await plant()
    await putList(middle, { revoked: [one.certificate] })
    expect(await world.changed({ kind: 'authority', ids: null })).toBe(1)
    await one.client.closed
    expect(await world.decided({ username: one.username, outcome: 'closed' })).toMatchObject([{ reason: 'revoked' }])
    await expectRefused(one, 'revoked')
    expect(await two.client.settle()).toBe(true)

    await putList(middle, { number: 2n })
    await world.changed({ kind: 'authority', ids: null })
    expect(await comesBack(one)).toEqual({ sessionPresent: false })
  })

  test('ends connections when it expires, if that is the policy, and keeps their sessions', async () => {
    const { middle, one, two } = await plant()
    await setPolicy('refuse')
    await putList(middle, { nextUpdateInMs: 60 * minute })
    expect(await world.changed({ kind: 'authority', ids: null })).toBe(0)
    world.clockOffset[0] = 61 * minute
    await Promise.all([one.client.closed, two.client.closed])
    expect(await world.decided({ username: one.username, outcome: 'closed' })).toMatchObject([
      { reason: 'crl_expired' },
    ])
    await expectRefused(one, 'crl_expired')

    await putList(middle, { number: 2n, nextUpdateInMs: day })
    await world.changed({ kind: 'authority', ids: null })
    expect(await comesBack(one)).toEqual({ sessionPresent: true })
  })

  test('ends nothing when it expires, if that is the policy, and still refuses what it names', async () => {
    const { middle, one, two } = await plant()
    await putList(middle, { revoked: [one.certificate], nextUpdateInMs: 60 * minute })
    await world.changed({ kind: 'authority', ids: null })
    await one.client.closed
    world.clockOffset[0] = 61 * minute
    await expectRefused(one, 'revoked')
    expect(await two.client.settle()).toBe(true)
    expect(await comesBack(two)).toEqual({ sessionPresent: true })
  })

  test('that has expired ends connections when the policy changes', async () => {
    const { middle, one, two } = await plant()
    await putList(middle, { nextUpdateInMs: -1_000 })
    expect(await world.changed({ kind: 'authority', ids: null })).toBe(0)
    await setPolicy('refuse')
    expect(await world.changed({ kind: 'authority', ids: null })).toBe(2)
    await Promise.all([one.client.closed, two.client.closed])
  })

  test('that cannot be read refuses every certificate of its CA', async () => {
    const { middle, one } = await plant()
    await putList(middle, { revoked: [] })
    await world.db
      .updateTable('revocation_lists')
      .set({ der: Buffer.from('rubbish') })
      .execute()
    expect(await world.changed({ kind: 'authority', ids: null })).toBe(2)
    await one.client.closed
  })

  test('has a preview', async () => {
    const { middle, one } = await plant()
    const entries = [{ serialNumber: Buffer.from(readFields(one.certificate.der).serialNumber, 'hex') }]
    const der = makeRevocationList(middle, { entries })
    const list = { issuerKey: keyOf(middle), scope: '', der, signer: middle.der }
    expect(await world.broker.impactOnList(list)).toEqual({
      connections: 1,
      usernames: [one.username],
      userCount: 1,
    })
    expect(await one.client.settle()).toBe(true)
  })
})
