import type { TLSSocket } from 'node:tls'
import { issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from '../../../test/broker-world.ts'
import { keysOf, withChain } from '../../../test/mqtt-client.ts'
import { systemClock } from '../../platform/base/clock.ts'

const authority = makeAuthority({ subject: 'Plant' })
const limited = makeAuthority({ subject: 'Supplier' })
const stranger = makeAuthority({ subject: 'Stranger' })
const dayMs = 24 * 60 * 60 * 1_000

let world: World
beforeAll(async () => {
  world = await startWorld()
  await world.addAuthority(authority)
  await world.addAuthority(limited, ['line-3-*'])
  await world.addUser('device001')
  await world.addUser('line-3-a')
  await world.addUser('bare', { grants: [] })
  await world.addUser('password-only', { password: 'right one' })
  await world.addUser('both', {
    password: 'right one',
    grants: [
      { method: 'certificate', isRequired: true },
      { method: 'password', isRequired: true },
    ],
  })
})
afterAll(() => world.stop())

const storeHash = (userId: string, hash: string) =>
  world.db.updateTable('users').set({ password_hash: hash }).where('id', '=', userId).execute()

const subject = (value: string) => [[{ type: 'CN', value }]]

describe('refused before a byte of MQTT', () => {
  const intermediate = issueAuthority(authority)
  const notACa = issue(authority, { subject: 'not a ca' })
  test.each([
    ['unknown_authority', issue(stranger, { subject: 'device001' })],
    ['expired', issue(authority, { subject: 'device001', notAfter: new Date('2021-01-01') })],
    ['not_yet_valid', issue(authority, { subject: 'device001', notBefore: new Date('2048-01-01') })],
    ['bad_signature', issue(authority, { subject: 'device001', isForged: true })],
    ['not_a_ca', withChain(issue(notACa, { subject: 'device001' }), notACa)],
    ['unknown_authority', issue(intermediate, { subject: 'device001' })],
  ])('%s', async (reason, certificate) => {
    const client = await world.connect({ tls: certificate })
    expect(await client.connack()).toBeNull()
    expect(await world.decided({ reason: reason as 'expired' })).not.toEqual([])
    expect(client.received).toEqual([])
  })
})

describe('by certificate', () => {
  test.each([
    [0, null, issue(authority, { subject: 'device001' })],
    [0, null, issue(limited, { subject: 'line-3-a' })],
    [5, 'authority_limit', issue(limited, { subject: 'device001' })],
    [5, 'unknown_user', issue(authority, { subject: 'nobody' })],
    [5, 'no_certificate_grant', issue(authority, { subject: 'bare' })],
    [5, 'several_common_names', issue(authority, { subject: [...subject('device001'), ...subject('bare')] })],
    [5, 'no_common_name', issue(authority, { subject: [[{ type: 'O', value: 'device001' }]] })],
    [5, 'common_name_characters', issue(authority, { subject: 'device001\u0000' })],
    [5, 'common_name_characters', issue(authority, { subject: 'device001\nCN=bare' })],
    [5, 'common_name_characters', issue(authority, { subject: '#' })],
    [5, 'common_name_characters', issue(authority, { subject: '\u202Edevice001' })],
    [5, 'common_name_length', issue(authority, { subject: 'x'.repeat(65) })],
    [5, 'unknown_user', issue(authority, { subject: 'DEVICE001' })],
  ])('%i %s', async (code, reason, certificate) => {
    const client = await world.connect({ tls: certificate })
    expect(await client.connack()).toBe(code)
    const [last] = (await world.decided()).slice(-1)
    expect(last).toMatchObject({ reason, certificate: { fingerprint: certificate.fingerprint } })
    expect(await client.settle()).toBe(code === 0)
  })

  test('accepts an intermediate among unrelated certificates', async () => {
    const intermediate = issueAuthority(authority)
    const certificate = withChain(issue(intermediate, { subject: 'device001' }), stranger, authority, intermediate)
    const client = await world.connect({ tls: certificate })
    expect(await client.connack()).toBe(0)
  })

  test('refuses an MQTT username other than the Common Name', async () => {
    const tls = issue(authority, { subject: 'device001' })
    expect(await (await world.connect({ tls, connect: { username: 'bare' } })).connack()).toBe(5)
    expect(await (await world.connect({ tls, connect: { username: 'device001' } })).connack()).toBe(0)
  })

  test.each([
    ['no password', undefined],
    ['a password of no characters', Buffer.alloc(0)],
  ])('takes an MQTT username of no characters with %s for none', async (_, password) => {
    const tls = issue(authority, { subject: 'device001' })
    const connect = { username: '', ...(password && { password }) }
    expect(await (await world.connect({ tls, connect })).connack()).toBe(0)
    expect(await (await world.connect({ tls: issue(authority, { subject: 'bare' }), connect })).connack()).toBe(5)
    expect((await world.decided()).at(-1)).toMatchObject({ reason: 'no_certificate_grant', username: 'bare' })
  })

  test('refuses an MQTT username of spaces beside a certificate of another name', async () => {
    const tls = issue(authority, { subject: 'device001' })
    expect(await (await world.connect({ tls, connect: { username: ' ' } })).connack()).toBe(5)
    expect((await world.decided()).at(-1)).toMatchObject({ reason: 'username_mismatch' })
  })

  test('does not verify a password that is not needed', async () => {
    const before = world.passwordChecks.length
    const connect = { username: 'device001', password: Buffer.from('whatever') }
    const client = await world.connect({ tls: issue(authority, { subject: 'device001' }), connect })
    expect(await client.connack()).toBe(0)
    expect(world.passwordChecks).toHaveLength(before)
  })

  test('answers 5 without the required password, 4 with a wrong one and 0 with the right one', async () => {
    const tls = issue(authority, { subject: 'both' })
    expect(await (await world.connect({ tls })).connack()).toBe(5)
    const wrong = { username: 'both', password: Buffer.from('wrong') }
    expect(await (await world.connect({ tls, connect: wrong })).connack()).toBe(4)
    const right = { username: 'both', password: Buffer.from('right one') }
    expect(await (await world.connect({ tls, connect: right })).connack()).toBe(0)
    expect(await (await world.connect({ connect: right })).connack()).toBe(5)
    expect(await world.decided({ method: 'certificate+password', outcome: 'admitted' })).toHaveLength(1)
  })

  test('ends the connection when the certificate expires', async () => {
    const tls = issue(authority, { subject: 'device001', notAfter: new Date(systemClock.now().getTime() + 20 * dayMs) })
    const client = await world.connect({ tls })
    expect(await client.connack()).toBe(0)
    world.clockOffset[0] = 21 * dayMs
    await client.closed
    expect(await (await world.connect({ tls })).connack()).toBeNull()
    world.clockOffset[0] = 0
    expect(await world.decided({ reason: 'certificate_ended', outcome: 'closed' })).toHaveLength(1)
    expect(await (await world.connect({ tls })).connack()).toBe(0)
  })
})

describe('by password', () => {
  test.each([
    [0, 'password-only', 'right one'],
    [4, 'password-only', 'wrong one'],
    [4, 'nobody', 'right one'],
    [4, 'device001', 'right one'],
    [4, 'password-only', undefined],
    [5, undefined, undefined],
  ])('%i for %s %s', async (code, username, password) => {
    const connect = { ...(username && { username }), ...(password && { password: Buffer.from(password) }) }
    expect(await (await world.connect({ connect })).connack()).toBe(code)
    const tls = {} // the TLS listener accepts certificates and does not require them
    expect(await (await world.connect({ connect, tls })).connack()).toBe(code)
  })

  test.each([
    ['without a password', undefined, 'no_credentials'],
    ['with a wrong password', 'device001', 'unknown_user'],
  ])('does not show a user name that no user has: %s', async (_, password, reason) => {
    const secret = 'Correct horse battery €'
    const connect = { username: secret, clientId: 'press', ...(password && { password: Buffer.from(password) }) }
    expect(await (await world.connect({ connect })).connack()).toBe(4)
    const [last] = (await world.decided()).slice(-1)
    expect(last).toMatchObject({ reason, username: null, unknownUsernameLength: 23, userId: null, clientId: 'press' })
    expect(JSON.stringify(await world.decided())).not.toContain(secret)
    expect(await world.broker.decisions({ search: secret })).toEqual([])
  })

  test('does not show the user name beside a certificate of another name', async () => {
    const secret = 'Correct horse battery €'
    const tls = issue(authority, { subject: 'device001' })
    expect(await (await world.connect({ tls, connect: { username: secret } })).connack()).toBe(5)
    const [last] = (await world.decided({ reason: 'username_mismatch' })).slice(-1)
    expect(last).toMatchObject({ username: 'device001', unknownUsernameLength: null })
    expect(JSON.stringify(await world.decided())).not.toContain(secret)
  })

  test('shows the user name that a user has', async () => {
    const connect = { username: 'password-only', password: Buffer.from('wrong one') }
    expect(await (await world.connect({ connect })).connack()).toBe(4)
    expect((await world.decided()).at(-1)).toMatchObject({ username: 'password-only', unknownUsernameLength: null })
  })

  test('counts no attempt for a user name of no characters', async () => {
    const before = world.passwordChecks.length
    const connect = { username: '', password: Buffer.from('right one') }
    expect(await (await world.connect({ connect })).connack()).toBe(5)
    expect(world.passwordChecks).toHaveLength(before)
    expect((await world.decided()).at(-1)).toMatchObject({ reason: 'no_credentials' })
  })

  test('refuses a password that is not UTF-8', async () => {
    const connect = { username: 'password-only', password: Buffer.from([0xff, 0xfe]) }
    expect(await (await world.connect({ connect })).connack()).toBe(4)
  })

  test('answers a throttled attempt like a wrong password', async () => {
    world.answerPasswords(async () => 'throttled')
    const connect = { username: 'nobody2', password: Buffer.from('right one') }
    expect(await (await world.connect({ connect })).connack()).toBe(4)
    world.answerPasswords(null)
    expect(await world.decided({ reason: 'throttled' })).toHaveLength(1)
  })

  test('judges a user who is disabled during the password check by the new facts', async () => {
    const userId = await world.addUser('changing', { password: 'right one' })
    world.answerPasswords(async () => {
      await world.db
        .updateTable('users')
        .set({ disabled_at: '2026-01-01T00:00:00.000Z' })
        .where('id', '=', userId)
        .execute()
      return 'right'
    })
    const connect = { username: 'changing', password: Buffer.from('right one') }
    expect(await (await world.connect({ connect })).connack()).toBe(5)
    world.answerPasswords(null)
  })

  test('checks a password again that was changed during the check, and refuses the old one', async () => {
    const userId = await world.addUser('changing2', { password: 'old one' })
    const answers = ['right', 'wrong'] as const
    let checks = 0
    world.answerPasswords(async () => {
      await storeHash(userId, 'another')
      return answers[checks++] ?? 'wrong'
    })
    const connect = { username: 'changing2', password: Buffer.from('old one') }
    expect(await (await world.connect({ connect })).connack()).toBe(4)
    expect(checks).toBe(2)
    world.answerPasswords(null)
  })

  test('refuses a password as busy when its hash changes during each check', async () => {
    const userId = await world.addUser('changing3', { password: 'old one' })
    let checks = 0
    world.answerPasswords(async () => {
      await storeHash(userId, `another ${checks++}`)
      return 'right'
    })
    const connect = { username: 'changing3', password: Buffer.from('old one') }
    expect(await (await world.connect({ connect })).connack()).toBe(3)
    expect(checks).toBe(2)
    world.answerPasswords(null)
  })
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)('no session is resumed: %s', async (version) => {
  const tls = { ...keysOf(issue(authority, { subject: 'device001' })), minVersion: version, maxVersion: version }
  const first = await world.connect({ tls })
  const socket = first.socket as TLSSocket
  let session: Buffer | undefined
  socket.on('session', (given) => {
    session = given
  })
  expect(await first.connack()).toBe(0)
  session ??= socket.getSession()
  const second = await world.connect({ tls: { ...tls, session } })
  expect(await second.connack()).toBe(0)
  expect((second.socket as TLSSocket).isSessionReused()).toBe(false)
})

test('refuses TLS 1.1', async () => {
  const tls = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  const client = await world.connect({ tls, isSilent: true })
  await client.closed
  expect(await world.decided({ reason: 'handshake_failed', address: '127.0.0.1' })).not.toEqual([])
})
