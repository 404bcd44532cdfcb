import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { toPem } from '../read/certificate.ts'
import { readRequest } from '../read/certificate-request.ts'
import { readCommonName } from '../read/common-name.ts'
import type { InputKind } from '../read/input-kind.ts'
import { makePkcs12 } from '../read/pkcs12.ts'
import { PkiError } from '../read/pki-error.ts'
import { clientKeyKinds, findClientKeyKinds, makeClientRequest } from './client-request.ts'
import { type IssuedPems, issueClientCertificate, makeAuthority } from './issue.ts'

const folder = mkdtempSync(join(tmpdir(), 'pki-request-'))
const at = new Date('2026-03-01T12:00:00Z')
let authority: IssuedPems
beforeAll(async () => {
  authority = await makeAuthority({ commonName: 'Gatehouse', days: 3650, at })
  writeFileSync(join(folder, 'ca.pem'), authority.certificatePem)
})
afterAll(() => rmSync(folder, { recursive: true }))

function openssl(...options: string[]): string {
  return execFileSync('openssl', options, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** A key that takes no time to make. */
const quick = ['ecparam', '-genkey', '-name', 'prime256v1', '-noout']

/** For tests that read the error output of openssl. */
function sh(line: string): string {
  return execFileSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8' })
}

/** Returns the PEM request that openssl makes of these options. */
function requestBy([command = '', ...options]: string[], ...more: string[]): string {
  openssl(command, '-out', 'their.key', ...options)
  return openssl('req', '-new', '-key', 'their.key', '-subj', '/CN=whatever', ...more)
}

async function issueFor(spki: Uint8Array): Promise<string> {
  return issueClientCertificate({ authority, spki, commonName: 'device001', days: 365, at })
}

function readGood(text: string) {
  const read = readRequest(text)
  if (typeof read === 'string') throw new Error(read)
  return read
}

describe.each(clientKeyKinds)('a request with %s', (kind) => {
  test('is accepted by openssl and by Gatehouse, and openssl accepts the certificate as one of a client', async () => {
    const { request, privateKey } = await makeClientRequest(kind, 'device001')
    writeFileSync(join(folder, 'own.csr'), toPem('CERTIFICATE REQUEST', request))
    expect(openssl('req', '-in', 'own.csr', '-noout', '-verify', '-subject')).toBe('subject=CN = device001\n')
    const { spki, keyAlgorithm, commonName } = readGood(toPem('CERTIFICATE REQUEST', request))
    expect({ keyAlgorithm, commonName }).toEqual({ keyAlgorithm: kind, commonName: 'device001' })

    const pem = await issueFor(spki)
    writeFileSync(join(folder, 'own.pem'), pem)
    const verify = ['verify', '-x509_strict', '-purpose', 'sslclient', '-attime', String(at.getTime() / 1000)]
    expect(openssl(...verify, '-CAfile', 'ca.pem', 'own.pem')).toBe('own.pem: OK\n')
    const key = createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' })
    expect(new X509Certificate(pem).checkPrivateKey(key)).toBe(true)
  })
})

test('all kinds of keys can be made in Node', async () => {
  expect(await findClientKeyKinds()).toEqual([...clientKeyKinds])
})

test('no key can be made without WebCrypto, as on a page without HTTPS', async () => {
  vi.stubGlobal('crypto', {})
  try {
    expect(await findClientKeyKinds()).toEqual([])
  } finally {
    vi.unstubAllGlobals()
  }
})

test('a client certificate contains the given names and usages, and nothing that the request asked for', async () => {
  const asking = ['-addext', 'subjectAltName=DNS:broker.example', '-addext', 'basicConstraints=critical,CA:TRUE']
  const { spki, commonName } = readGood(requestBy(quick, ...asking))
  expect(commonName).toBe('whatever')
  const certificate = new X509Certificate(await issueFor(spki))
  expect(readCommonName(certificate.raw)).toEqual({ ok: true, commonName: 'device001' })
  expect(certificate).toMatchObject({
    subject: 'CN=device001',
    subjectAltName: undefined,
    ca: false,
    keyUsage: ['1.3.6.1.5.5.7.3.2'],
    validFrom: 'Mar  1 11:55:00 2026 GMT',
    validTo: 'Mar  1 12:00:00 2027 GMT',
  })
  expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/)
  expect(new X509Certificate(await issueFor(spki)).serialNumber).not.toBe(certificate.serialNumber)
  const long = await issueClientCertificate({ authority, spki, commonName: 'device001', days: 36_500, at })
  expect(new X509Certificate(long).validTo).toBe(new X509Certificate(authority.certificatePem).validTo)
})

describe('a request', () => {
  test.each([
    ['RSA 2048', ['genrsa', '2048']],
    ['ECDSA P-384', ['ecparam', '-genkey', '-name', 'secp384r1', '-noout']],
    ['ECDSA P-521', ['ecparam', '-genkey', '-name', 'secp521r1', '-noout']],
    ['Ed448', ['genpkey', '-algorithm', 'ed448']],
    ['RSA 2048', ['genpkey', '-algorithm', 'rsa-pss', '-pkeyopt', 'rsa_keygen_bits:2048']],
  ])('with %s is accepted, and its key is certified', async (label, key) => {
    const { spki, keyAlgorithm } = readGood(requestBy(key))
    expect(keyAlgorithm).toBe(label)
    const { publicKey } = new X509Certificate(await issueFor(spki))
    const theirs = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    expect(publicKey.equals(theirs)).toBe(true)
  })

  test.each([
    ['weak_key', ['genrsa', '1024'], []],
    ['key_kind', ['ecparam', '-genkey', '-name', 'secp256k1', '-noout'], []],
    ['key_kind', ['ecparam', '-genkey', '-name', 'secp224r1', '-noout'], []],
    ['weak_signature', quick, ['-sha1']],
    ['unsupported_signature', quick, ['-sha3-256']],
  ])('is refused: %s', (problem, key, more) => {
    expect(readRequest(requestBy(key, ...more))).toBe(problem)
  })

  test('is refused if its key lets everybody sign', () => {
    const pem = requestBy(['genpkey', '-algorithm', 'rsa', '-pkeyopt', 'rsa_keygen_pubexp:3'])
    const der = Buffer.from(pem.replace(/-----.*-----|\s/g, ''), 'base64')
    // The exponent ends the key; the attributes follow.
    const exponent = der.indexOf(Buffer.from('020103a000', 'hex')) + 2
    der.writeUInt8(1, exponent)
    expect(readRequest(toPem('CERTIFICATE REQUEST', der))).toBe('weak_key')
  })

  test('is refused if another key signed it', () => {
    const pem = requestBy(['genpkey', '-algorithm', 'ed25519'])
    const der = Buffer.from(pem.replace(/-----.*-----|\s/g, ''), 'base64')
    const key = der.indexOf(Buffer.from('032100', 'hex')) + 3
    der.writeUInt8(der.readUInt8(key) ^ 1, key)
    expect(readRequest(toPem('CERTIFICATE REQUEST', der))).toBe('bad_signature')
  })

  test.each<[string, InputKind | null, () => string]>([
    ['a certificate', 'certificate', () => authority.certificatePem],
    ['a certificate in base64', 'certificate', () => authority.certificatePem.replaceAll(/-----[^-]+-----/g, '')],
    ['words', null, () => 'please sign me'],
    ['two', null, () => requestBy(quick).repeat(2)],
    ['half of one', 'cut_off', () => requestBy(quick).slice(0, 300)],
  ])('is not read from %s', (_what, given, text) => {
    expect(() => readRequest(text())).toThrow(new PkiError('not_a_request', null, given))
  })

  test('is refused with trailing bytes', () => {
    const longer = `${requestBy(quick).replace(/\s*-----END.*/s, '')}AAAA\n-----END CERTIFICATE REQUEST-----\n`
    expect(() => readRequest(longer)).toThrow(expect.objectContaining({ code: 'not_a_request' }))
  })

  test('is refused as a private key if its key is beside it', () => {
    expect(() => readRequest(requestBy(quick) + authority.privateKeyPem)).toThrow(new PkiError('private_key'))
  })
})

describe('a PKCS#12 file', () => {
  const password = `A "password" with ~ and \\ signs`

  async function makeFile() {
    const { request, privateKey } = await makeClientRequest('ECDSA P-256', 'device001')
    const own = new X509Certificate(await issueFor(readGood(toPem('CERTIFICATE REQUEST', request)).spki))
    const certificates = [own.raw, new X509Certificate(authority.certificatePem).raw].map((raw) => new Uint8Array(raw))
    const file = await makePkcs12({ privateKey, certificates, password, friendlyName: 'device001' })
    writeFileSync(join(folder, 'own.p12'), file)
    return { file, own, privateKey }
  }

  test('is opened by openssl with its password only, and contains key and certificate under current ciphers', async () => {
    const { file, own, privateKey } = await makeFile()
    const read = ['pkcs12', '-in', 'own.p12', '-passin', `pass:${password}`]
    const key = createPrivateKey(openssl(...read, '-nocerts', '-nodes'))
    expect(own.checkPrivateKey(key)).toBe(true)
    expect(new X509Certificate(openssl(...read, '-nokeys', '-clcerts')).fingerprint256).toBe(own.fingerprint256)
    expect(openssl(...read, '-nokeys', '-cacerts')).toContain('subject=CN = Gatehouse')
    expect(() => openssl('pkcs12', '-in', 'own.p12', '-passin', 'pass:another', '-noout')).toThrow('Mac verify error')
    writeFileSync(join(folder, 'password'), password)
    const told = sh('openssl pkcs12 -in own.p12 -passin file:password -info -noout 2>&1')
    expect(told.match(/PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF hmacWithSHA256/g)).toHaveLength(2)
    expect(told).toContain('MAC: sha256, Iteration 100000')
    expect(Buffer.from(file).includes(Buffer.from(privateKey.subarray(-40)))).toBe(false)
    // Not the empty one that pkijs is given because of its type.
    expect(Buffer.from(file).includes(Buffer.alloc(16))).toBe(false)
  })

  test('is refused for a password that tools encode in two ways', async () => {
    const contents = { privateKey: new Uint8Array(), certificates: [], friendlyName: '' }
    for (const unclear of ['', 'Schlüssel', 'a\tb']) {
      await expect(makePkcs12({ ...contents, password: unclear })).rejects.toThrow(RangeError)
    }
  })
})
