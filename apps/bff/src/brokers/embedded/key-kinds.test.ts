/** *Check* and the TLS listener agree on each kind of key and signature, with Node's OpenSSL and with that of the machine. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Issued, issue, type KeyKind, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { generate } from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from '../../../test/broker-world.ts'
import { keysOf } from '../../../test/mqtt-client.ts'

const authority = makeAuthority({ subject: 'Plant' })
const versions = ['TLSv1.2', 'TLSv1.3'] as const
// The groups that a client offers must hold the curve of its key before TLS 1.3 (RFC 8422 §5.3).
const brainpool = ['brainpoolP256r1', 'brainpoolP384r1', 'brainpoolP512r1']
const groups = ['X25519', 'P-256', 'P-384', 'P-521', ...brainpool, 'secp256k1']

let world: World
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-keys-'))
  world = await startWorld()
  await world.addAuthority(authority)
  await world.addUser('press')
})
afterAll(async () => {
  await world.stop()
  await rm(folder, { recursive: true })
})

async function check({ der }: Issued): Promise<string> {
  const { found = null } = (await world.broker.checkCertificate([der])) ?? {}
  return found?.admitted ? 'admitted' : (found?.reason ?? 'unavailable')
}

/** The return code of the CONNACK; null where the connection ends without one. */
async function connect(certificate: Issued, version: (typeof versions)[number]): Promise<number | null> {
  const tls = { ...keysOf(certificate), minVersion: version, maxVersion: version, ecdhCurve: groups.join(':') }
  const client = await world.connect({ tls })
  const code = await client.connack()
  client.socket.destroy()
  return code
}

/** The CONNACK in hexadecimal, by the OpenSSL that is installed; empty where there was none. */
async function connectWithOpenSsl({ certificatePem, privateKeyPem }: Issued, version: string): Promise<string> {
  const place = join(folder, 'client.pem')
  await writeFile(place, certificatePem + privateKeyPem)
  const address = `127.0.0.1:${world.port('mqtts')}`
  const options = ['-connect', address, '-cert', place, '-key', place, version, '-groups', groups.join(':'), '-quiet']
  const client = spawn('openssl', ['s_client', ...options], { stdio: ['pipe', 'pipe', 'ignore'] })
  client.stdin.on('error', () => {})
  const connectPacket = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: '', clean: true } as const
  client.stdin.write(Buffer.concat([generate({ ...connectPacket, keepalive: 0 }), generate({ cmd: 'disconnect' })]))
  client.stdout.setEncoding('hex')
  return text(client.stdout)
}

describe('a key of the client', () => {
  test.each<[KeyKind, string]>([
    ['rsa-2048', 'TLSv1.2 TLSv1.3'],
    ['rsa-3072', 'TLSv1.2 TLSv1.3'],
    ['rsa-4096', 'TLSv1.2 TLSv1.3'],
    ['rsa-pss', 'TLSv1.2 TLSv1.3'],
    ['p-256', 'TLSv1.2 TLSv1.3'],
    ['p-384', 'TLSv1.2 TLSv1.3'],
    ['p-521', 'TLSv1.2 TLSv1.3'],
    ['ed25519', 'TLSv1.2 TLSv1.3'],
    ['ed448', 'TLSv1.2 TLSv1.3'],
    ['brainpoolP256r1', 'TLSv1.2 TLSv1.3'],
    ['brainpoolP384r1', 'TLSv1.2 TLSv1.3'],
    ['brainpoolP512r1', 'TLSv1.2 TLSv1.3'],
    // RFC 8446 has no signature scheme for it.
    ['secp256k1', ''],
    ['p-224', ''],
  ])('%s signs in over [%s], and so says the check', async (key, expected) => {
    const certificate = issue(authority, { subject: 'press', key })
    const admitted: string[] = []
    for (const version of versions) if ((await connect(certificate, version)) === 0) admitted.push(version)
    expect(admitted.join(' ')).toBe(expected)
    expect((await check(certificate)) === 'admitted').toBe(expected !== '')
  })

  test('refuses secp256k1 with its own reason', async () => {
    expect(await check(issue(authority, { subject: 'press', key: 'secp256k1' }))).toBe('key_not_for_tls')
  })

  // OpenSSL 3.2 is the first that signs with brainpool in TLS 1.3 (RFC 8734).
  test.each<[KeyKind, string[]]>([
    ['rsa-2048', ['-tls1_2', '-tls1_3']],
    ['rsa-pss', ['-tls1_2', '-tls1_3']],
    ['p-256', ['-tls1_2', '-tls1_3']],
    ['p-384', ['-tls1_2', '-tls1_3']],
    ['p-521', ['-tls1_2', '-tls1_3']],
    ['ed25519', ['-tls1_2', '-tls1_3']],
    ['ed448', ['-tls1_2', '-tls1_3']],
    ['brainpoolP256r1', ['-tls1_2']],
    ['brainpoolP384r1', ['-tls1_2']],
    ['brainpoolP512r1', ['-tls1_2']],
  ])('%s signs in with openssl s_client', async (key, wanted) => {
    const certificate = issue(authority, { subject: 'press', key })
    for (const version of wanted)
      expect([version, await connectWithOpenSsl(certificate, version)]).toEqual([version, '20020000'])
  })
})

describe('a signature of the CA', () => {
  test.each<[string, KeyKind, object]>([
    ['RSA with SHA-384', 'rsa-2048', { hash: 'sha384' }],
    ['RSA with SHA-512', 'rsa-2048', { hash: 'sha512' }],
    ['RSA-PSS', 'rsa-2048', { isPss: true }],
    ['P-384 with SHA-384', 'p-384', { hash: 'sha384' }],
    ['P-521 with SHA-512', 'p-521', { hash: 'sha512' }],
    ['Ed25519', 'ed25519', {}],
    ['Ed448', 'ed448', {}],
    ['brainpoolP256r1', 'brainpoolP256r1', {}],
    ['secp256k1', 'secp256k1', {}],
  ])('%s is accepted over TLS 1.2 and 1.3, and so says the check', async (subject, key, recipe) => {
    const signer = makeAuthority({ subject, key })
    await world.addAuthority(signer)
    const certificate = issue(signer, { subject: 'press', ...recipe })
    for (const version of versions) expect(await connect(certificate, version)).toBe(0)
    expect(await check(certificate)).toBe('admitted')
  })
})

test('keeps the groups after the server certificate was replaced', async () => {
  const { certificatePem: cert, privateKeyPem: key } = issue(authority, { extendedKeyUsage: ['serverAuth'] })
  await world.broker.replaceServerCertificate({ cert, key })
  expect(await connect(issue(authority, { subject: 'press', key: 'brainpoolP256r1' }), 'TLSv1.2')).toBe(0)
})
