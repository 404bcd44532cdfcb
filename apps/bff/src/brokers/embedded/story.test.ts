/** A device from its first connection to the loss of each right, with clients that others wrote. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Issued, issue, issueAuthority, type KeyKind, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, serverAuthorityPem, setGrants, startWorld, type World } from '../../../test/broker-world.ts'
import { killClients, type Mosquitto, mosquitto, says } from '../../../test/mosquitto.ts'
import { defaultMqttLimits } from '../../mqtt-limit-settings.ts'
import { startBroker } from './start-broker.ts'

const nothing = () => {}
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-story-'))
  await writeFile(join(folder, 'server-ca.pem'), serverAuthorityPem)
})
afterAll(async () => {
  killClients()
  await rm(folder, { recursive: true })
})

async function filesOf(name: string, certificate: Issued): Promise<string[]> {
  await writeFile(join(folder, `${name}.pem`), certificate.certificatePem)
  await writeFile(join(folder, `${name}.key`), certificate.privateKeyPem)
  const files = ['--cafile', join(folder, 'server-ca.pem'), '--insecure']
  return [...files, '--cert', join(folder, `${name}.pem`), '--key', join(folder, `${name}.key`)]
}

/** The client saw the end of its connection: it gives up, or tries again and is refused. */
async function isCutOff(client: Mosquitto): Promise<void> {
  await eventually(() => expect(client.output()).toMatch(/connection was lost|sending CONNECT[^]*sending CONNECT/i))
  await client.kill()
}

describe.each<[KeyKind, string]>([
  ['rsa-2048', 'tlsv1.2'],
  ['p-256', 'tlsv1.3'],
  ['ed25519', 'tlsv1.3'],
])('a device with a key of %s, %s', (key, version) => {
  let world: World
  beforeAll(async () => {
    world = await startWorld()
  })
  afterAll(() => world.stop())

  test('is admitted when it has every right, and disconnected when it loses one', async () => {
    const authority = makeAuthority({ subject: `Plant ${key}`, key })
    const files = await filesOf('device001', issue(authority, { subject: 'device001', key }))
    const port = ['-p', String(world.port('mqtts'))]
    const sub = () =>
      mosquitto('mosquitto_sub', [...files, ...port, '--tls-version', version, '-t', 'line-3/#', '-t', 'line-4/#'])

    // The certificate is not trusted: no CONNACK.
    const untrusted = sub()
    await says(untrusted, 'sending CONNECT')
    await eventually(async () => expect(await world.decided({ reason: 'empty_trust_store' })).not.toEqual([]))
    expect(await untrusted.kill()).not.toContain('CONNACK')

    await world.addAuthority(authority)
    expect(await sub().ended).toContain('received CONNACK (5)')
    const userId = await world.addUser('device001', { grants: [], read: ['line-3/#'] })
    expect(await sub().ended).toContain('received CONNACK (5)')

    await setGrants(world.db, userId, ['certificate'])
    await world.changed({ kind: 'user', ids: [userId] })
    const admitted = sub()
    await says(admitted, 'Subscribed (mid: 1): 0, 128')
    await world.addUser('person', { password: 'right one', write: ['line-3/#'] })
    const credentials = ['-p', String(world.port('mqtt')), '-u', 'person', '-P', 'right one']
    expect(await mosquitto('mosquitto_pub', [...credentials, '-t', 'line-3/a', '-m', 'good morning']).ended).toContain(
      'CONNACK (0)',
    )
    await says(admitted, 'good morning')
    expect(
      await mosquitto('mosquitto_pub', [
        '-p',
        credentials[1] ?? '',
        '-u',
        'person',
        '-P',
        'wrong',
        '-t',
        'line-3/a',
        '-m',
        'x',
      ]).ended,
    ).toContain('CONNACK (4)')

    await setGrants(world.db, userId, [])
    expect(await world.changed({ kind: 'user', ids: [userId] })).toBe(1)
    await isCutOff(admitted)
    expect(await sub().ended).toContain('received CONNACK (5)')
    await setGrants(world.db, userId, ['certificate'])
    await world.changed({ kind: 'user', ids: [userId] })
    const again = sub()
    await says(again, 'Subscribed (mid: 1): 0, 128')
    await world.db.deleteFrom('authorities').execute()
    expect(await world.changed({ kind: 'authority', ids: null })).toBe(1)
    const [last] = await world.decided({ outcome: 'closed', reason: 'withdrawn' }).then((all) => all.slice(-1))
    expect(last).toMatchObject({
      username: 'device001',
      certificate: { authority: authority.fingerprint, authorityName: 'Test' },
    })
    await isCutOff(again)
    const before = (await world.decided({ reason: 'empty_trust_store' })).length
    const stranger = sub()
    await eventually(async () => expect(await world.decided({ reason: 'empty_trust_store' })).not.toHaveLength(before))
    expect(await stranger.kill()).not.toContain('CONNACK')
  })
})

describe('the listener', () => {
  test('required: refuses a client without a certificate in TLS, whatever its password', async () => {
    const world = await startWorld({ clientCertificate: 'required' })
    await world.addUser('person', { password: 'right one' })
    const connect = { username: 'person', password: Buffer.from('right one') }
    expect(await (await world.connect({ tls: {}, connect })).connack()).toBeNull()
    expect(await world.decided({ reason: 'no_certificate' })).toMatchObject([{ username: null, certificate: null }])
    expect(world.passwordChecks).toEqual([])
    expect(await (await world.connect({ connect })).connack()).toBe(0)
    await world.stop()
  })

  test('ignored: does not ask for a certificate, and ignores one', async () => {
    const world = await startWorld({ clientCertificate: 'ignored' })
    const authority = makeAuthority()
    await world.addAuthority(authority)
    await world.addUser('alice', { password: 'right one', grants: ['password', 'certificate'] })
    const tls = issue(authority, { subject: 'alice' })
    expect(await (await world.connect({ tls })).connack()).toBe(5)
    const connect = { username: 'alice', password: Buffer.from('right one') }
    expect(await (await world.connect({ tls, connect })).connack()).toBe(0)
    expect(await world.decided({ outcome: 'admitted' })).toMatchObject([{ method: 'password', certificate: null }])
    await world.stop()
  })

  test('admits below an intermediate as CA, and an X.509 v1 leaf', async () => {
    const world = await startWorld()
    const root = makeAuthority({ subject: 'Root' })
    const intermediate = issueAuthority(root)
    await world.addAuthority(intermediate)
    await world.addUser('alice')
    await world.addUser('old')
    expect(await (await world.connect({ tls: issue(intermediate, { subject: 'alice' }) })).connack()).toBe(0)
    expect(await (await world.connect({ tls: issue(intermediate, { subject: 'old', version: 1 }) })).connack()).toBe(0)
    expect(await (await world.connect({ tls: issue(root, { subject: 'alice' }) })).connack()).toBeNull()
    await world.stop()
  })

  test('does not start when a port is taken', async () => {
    const world = await startWorld()
    const { database } = world
    const taken = startBroker({
      database,
      dataDir: folder,
      environment: {
        mqtt: { host: '127.0.0.1', port: world.port('mqtt') },
        mqtts: null,
        given: [],
        allowsPlain: false,
      },
      serverCertificate: { cert: '', key: '' },
      privateSocket: null,
      boundPorts: {},
      readListenerCertificate: async () => null,
      admissionRules: async () => [],
      admitDevice: async () => ({ reason: 'unknown_user' }),
      readUpstreamSecret: async () => null,
      claimIdentity: async () => false,
      limits: defaultMqttLimits(),
      systemTopics: null,
      trustedProxies: [],
      clockOffset: null,
      checkPassword: async () => 'wrong',
      onSeen: nothing,
      onCertificatesSeen: nothing,
      onStats: nothing,
      onDecisions: nothing,
      log: { info: nothing, warn: nothing, error: nothing },
    })
    await expect(taken).rejects.toThrow('EADDRINUSE')
    await world.stop()
  })
})
