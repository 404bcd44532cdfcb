import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { judgeAuthority } from '../read/authority.ts'
import { readBundle } from '../read/certificate.ts'
import { readCommonName } from '../read/common-name.ts'
import { judgeRevocationList, readRevocationList } from '../read/revocation-list.ts'
import { serialNumberBytes } from '../read/serial-number.ts'
import { issueServerCertificate, makeAuthority } from './issue.ts'
import { issueRevocationList } from './revocation-list.ts'

const folder = mkdtempSync(join(tmpdir(), 'pki-issue-'))
afterAll(() => rmSync(folder, { recursive: true }))

const at = new Date('2026-03-01T12:00:00Z')

function openssl(...options: string[]): string {
  return execFileSync('openssl', options, { cwd: folder, encoding: 'utf8' })
}

test('openssl accepts an authority and its server certificate', async () => {
  const authority = await makeAuthority({ commonName: 'Ä=,"+ <Werk>;', organization: 'Fabrik #1', days: 3650, at })
  const names = ['broker.example', '*.line.example', '192.0.2.7', '2001:db8::7', '::1']
  const server = await issueServerCertificate({ authority, names, days: 365, at })
  writeFileSync(join(folder, 'ca.pem'), authority.certificatePem)
  writeFileSync(join(folder, 'server.pem'), server.certificatePem)
  const seconds = String(at.getTime() / 1000)
  const verify = ['verify', '-x509_strict', '-purpose', 'sslserver', '-attime', seconds, '-CAfile', 'ca.pem']
  expect(openssl(...verify, '-verify_hostname', 'broker.example', 'server.pem')).toBe('server.pem: OK\n')
  expect(openssl(...verify, '-verify_ip', '2001:db8::7', 'server.pem')).toBe('server.pem: OK\n')
  const text = openssl('x509', '-in', 'server.pem', '-noout', '-ext', 'subjectAltName')
  expect(text).toContain('IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7, IP Address:0:0:0:0:0:0:0:1')
  for (const { certificatePem, privateKeyPem } of [authority, server]) {
    expect(certificatePem).toMatch(/-----END CERTIFICATE-----\n$/)
    expect(privateKeyPem).toMatch(/-----END PRIVATE KEY-----\n$/)
  }
})

test('a new authority has the requested name, usages and dates', async () => {
  const { certificatePem } = await makeAuthority({
    commonName: 'Ä=,"+ <Werk>;',
    organization: 'Fabrik #1',
    days: 30,
    at,
  })
  const [info] = await readBundle(certificatePem)
  expect(info).toMatchObject({
    commonName: 'Ä=,"+ <Werk>;',
    organization: 'Fabrik #1',
    version: 3,
    keyAlgorithm: 'ECDSA P-256',
    signatureAlgorithm: 'ECDSA with SHA256',
    selfSigned: true,
    isAuthority: true,
    pathLength: null,
    keyUsage: ['keyCertSign', 'cRLSign'],
    notBefore: '2026-03-01T11:55:00Z',
    notAfter: '2026-03-31T12:00:00Z',
    unknownCriticalExtensions: [],
  })
  expect(info?.serialNumber).toMatch(/^[4-7][0-9a-f]{31}$/)
  expect(info?.authorityKeyIdentifier).toBe(info?.subjectKeyIdentifier)
  expect(info && judgeAuthority(info, at)).toEqual({ problems: [], warnings: ['expires_soon'] })
})

test('a server certificate ends with its authority and begins no earlier', async () => {
  const authority = await makeAuthority({ commonName: 'Short', days: 10, at })
  const server = await issueServerCertificate({ authority, names: ['localhost'], days: 365, at })
  const [authorityInfo] = await readBundle(authority.certificatePem)
  const [info] = await readBundle(server.certificatePem)
  expect(info?.notAfter).toBe(authorityInfo?.notAfter)
  expect(info?.extendedKeyUsage).toEqual(['serverAuth'])
  expect(info?.subjectAlternativeNames).toEqual(['DNS:localhost'])
  expect(info?.keyFingerprint).not.toBe(authorityInfo?.keyFingerprint)
})

test('writes a name that is too long for a CN only into the alternative names', async () => {
  const authority = await makeAuthority({ commonName: 'A', days: 10, at })
  const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.example`
  const server = await issueServerCertificate({ authority, names: [name], days: 1, at })
  const certificate = new X509Certificate(server.certificatePem)
  expect(certificate.checkHost(name)).toBe(name)
  expect(readCommonName(certificate.raw)).toEqual({ ok: true, commonName: 'server' })
})

test('rejects an empty name', async () => {
  await expect(makeAuthority({ commonName: '', days: 1, at })).rejects.toThrow(RangeError)
  const authority = await makeAuthority({ commonName: 'A', days: 1, at })
  await expect(issueServerCertificate({ authority, names: [], days: 1, at })).rejects.toThrow(RangeError)
})

test('openssl and the reader accept a CRL, with serial numbers of any first bit', async () => {
  const authority = await makeAuthority({ commonName: 'Plant', days: 30, at })
  const [info] = await readBundle(authority.certificatePem)
  const numbers = ['0a', 'ff01', '7f02']
  const revoked = numbers.map((serialNumber) => ({ serialNumber, at }))
  const pem = await issueRevocationList({ authority, revoked, number: at.getTime(), days: 7, at })
  writeFileSync(join(folder, 'crl.pem'), pem)
  writeFileSync(join(folder, 'plant.pem'), authority.certificatePem)
  const text = openssl('crl', '-in', 'crl.pem', '-noout', '-text', '-CAfile', 'plant.pem')
  expect(text.match(/Serial Number: .*/g)).toEqual(['Serial Number: 0A', 'Serial Number: FF01', 'Serial Number: 7F02'])
  const list = await readRevocationList(pem, 100_000)
  expect(await judgeRevocationList(list, info?.der ?? new Uint8Array(), at)).toBe(null)
  expect(list).toMatchObject({ number: String(at.getTime()), count: 3 })
  expect(numbers.every((number) => list.revoked.has(serialNumberBytes(number)))).toBe(true)
})
