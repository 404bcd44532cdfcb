// One authority replaces another. Clients that trust the old authority, the new one, or both must accept the server; no
// additional MQTT client may get in.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { judgeChain, makeTrustStore } from '../judge/chain.ts'
import { nothingRevoked } from '../judge/revocations.ts'
import { readBundle } from '../read/certificate.ts'
import { type Issued, issue, makeAuthority as makeQuickly } from '../testing/certificates.ts'
import { crossSign, type IssuedPems, issueServerCertificate, makeAuthority } from './issue.ts'

const folder = mkdtempSync(join(tmpdir(), 'pki-cross-'))
afterAll(() => rmSync(folder, { recursive: true }))

const at = new Date('2026-03-01T12:00:00Z')
const openssl = (...options: string[]) => execFileSync('openssl', options, { cwd: folder, stdio: 'pipe' })

function verifies(server: string, untrusted: string, trusted: string): boolean {
  for (const [name, text] of Object.entries({ server, untrusted, trusted })) writeFileSync(join(folder, name), text)
  const options = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'localhost']
  const files = ['-CAfile', 'trusted', '-untrusted', 'untrusted', 'server']
  const time = ['-attime', String(at.getTime() / 1000)]
  return spawnSync('openssl', ['verify', ...options, ...time, ...files], { cwd: folder }).status === 0
}

async function derOf(pem: string): Promise<Uint8Array> {
  const [info] = await readBundle(pem)
  return info?.der ?? new Uint8Array()
}

describe('a server certificate of the new authority with the cross certificate', () => {
  test('is accepted by openssl with the old authority, the new one, or both', async () => {
    const old = await makeAuthority({ commonName: 'Old', days: 100, at })
    const fresh = await makeAuthority({ commonName: 'New', days: 3650, at })
    const cross = await crossSign({ certificatePem: fresh.certificatePem, by: old, days: 397, at })
    const server = await issueServerCertificate({ authority: fresh, names: ['localhost'], days: 397, at })
    expect(verifies(server.certificatePem, cross, old.certificatePem)).toBe(true)
    expect(verifies(server.certificatePem, cross, fresh.certificatePem)).toBe(true)
    expect(verifies(server.certificatePem, cross, old.certificatePem + fresh.certificatePem)).toBe(true)
    expect(verifies(server.certificatePem, '', old.certificatePem)).toBe(false)
    const [info] = await readBundle(cross)
    expect(info).toMatchObject({ subject: 'CN=New', issuer: 'CN=Old', pathLength: 0, extendedKeyUsage: ['serverAuth'] })
    expect(info?.notAfter).toBe('2026-06-09T12:00:00Z')
  })

  test('admits no client certificate of the new authority under the old one', async () => {
    const [old, fresh] = [makeQuickly({ subject: 'Old' }), makeQuickly({ subject: 'New' })]
    const cross = await crossSign({ certificatePem: fresh.certificatePem, by: old, days: 397, at })
    const presented = [issue(fresh).der, await derOf(cross)]
    const judge = (...anchors: Issued[]) => {
      const trustStore = makeTrustStore(anchors.map(({ fingerprint, der }) => ({ fingerprint, der, usernames: [] })))
      return judgeChain({ presented, trustStore, revocations: nothingRevoked, at })
    }
    expect(judge(fresh).trusted).toBe(true)
    expect(judge(old)).toMatchObject({ trusted: false, reason: 'wrong_usage' })
  })
})

const config = `
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = 00112233
`

describe('the authority of a company signs a server certificate', () => {
  const kinds = {
    'RSA 3072': ['-newkey', 'rsa:3072'],
    'P-384': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
    'P-521': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521'],
    Ed25519: ['-newkey', 'ed25519'],
  }
  test.each(Object.entries(kinds))('with %s, and an identifier of its own making', async (_, newkey) => {
    writeFileSync(join(folder, 'openssl.cnf'), config)
    const names = ['-subj', '/C=DE/O=Werk/CN=Company CA', '-config', 'openssl.cnf', '-extensions', 'ca']
    openssl('req', '-x509', ...newkey, '-nodes', '-keyout', 'ca.key', ...names, '-days', '3000', '-out', 'ca.crt')
    const authority: IssuedPems = {
      certificatePem: readFileSync(join(folder, 'ca.crt'), 'utf8'),
      privateKeyPem: readFileSync(join(folder, 'ca.key'), 'utf8'),
    }
    const now = new Date()
    const server = await issueServerCertificate({ authority, names: ['localhost'], days: 397, at: now })
    writeFileSync(join(folder, 'server'), server.certificatePem)
    const strict = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'localhost', '-CAfile', 'ca.crt']
    expect(openssl('verify', ...strict, 'server').toString()).toBe('server: OK\n')
    const [info] = await readBundle(server.certificatePem)
    expect(info?.authorityKeyIdentifier).toBe('00112233')
  })

  test('below another authority, and ends when the first certificate above it ends', async () => {
    const root = makeQuickly({ subject: 'Root', notAfter: new Date('2026-05-01T00:00:00Z') })
    const { certificatePem, privateKeyPem } = makeQuickly({ subject: 'CA' })
    const authority = { certificatePem: certificatePem + root.certificatePem, privateKeyPem }
    const server = await issueServerCertificate({ authority, names: ['localhost'], days: 397, at })
    const [info] = await readBundle(server.certificatePem)
    expect(info).toMatchObject({ issuer: 'CN=CA', notAfter: '2026-05-01T00:00:00Z' })
  })
})
