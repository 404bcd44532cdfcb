import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { javaStore } from '../testing/key-store.ts'
import { makeRevocationList } from '../testing/revocation.ts'
import { costMs } from '../testing/time.ts'
import { readBundle, toPem } from './certificate.ts'
import type { InputKind } from './input-kind.ts'
import { PkiError } from './pki-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'pki-given-'))
afterAll(() => rmSync(folder, { recursive: true }))

function openssl(...options: string[]): Buffer {
  return execFileSync('openssl', options, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
}

const root = makeAuthority({ subject: 'Root' })
const middle = issueAuthority(root, { subject: 'Middle' })
const bundle = root.certificatePem + middle.certificatePem

async function codeOf(input: string | Uint8Array): Promise<string> {
  const error: unknown = await readBundle(input).catch((caught: unknown) => caught)
  return error instanceof PkiError ? error.code : 'nothing'
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
}

describe('key stores with certificates only, or that do not reveal their contents', () => {
  writeFileSync(join(folder, 'certs.pem'), bundle)
  const options = ['pkcs12', '-export', '-nokeys', '-in', 'certs.pem', '-passout', 'pass:x']
  const pkcs12 = openssl(...options)
  const plain = openssl(...options, '-certpbe', 'NONE')

  test.each<[string, string | Uint8Array]>([
    ['PKCS#12', pkcs12],
    ['PKCS#12 that is not encrypted', plain],
    ['PKCS#12 in base64', base64(pkcs12)],
    ['PKCS#12 in PEM', toPem('PKCS12', pkcs12)],
    ['PKCS#12 under another label', toPem('CERTIFICATE', pkcs12)],
    ['PKCS#12 in BER', Buffer.from('3080020103308006092a864886f70d010701', 'hex')],
    ['JKS', javaStore(root.der, [2, 2])],
    ['JKS in base64', base64(javaStore(root.der, [2]))],
    ['JCEKS', javaStore(root.der, [2], 'cececece')],
    ['JKS cut off', Buffer.from('feedfeed0000000200000001', 'hex')],
  ])('are refused as key stores: %s', async (_, input) => {
    expect(await codeOf(input)).toBe('key_store')
  })
})

describe('an error names what was uploaded instead', () => {
  writeFileSync(join(folder, 'own.key'), root.privateKeyPem)
  const request = openssl('req', '-new', '-key', 'own.key', '-subj', '/CN=x').toString()
  const list = makeRevocationList(root)
  const publicKey = openssl('pkey', '-in', 'own.key', '-pubout').toString()

  test.each<[InputKind | null, string, string | Uint8Array]>([
    ['certificate_request', 'PEM', request],
    ['certificate_request', 'base64', base64(derOf(request))],
    ['certificate_request', 'DER', derOf(request)],
    ['certificate_request', 'under another label', toPem('CERTIFICATE', derOf(request))],
    ['revocation_list', 'PEM', toPem('X509 CRL', list)],
    ['revocation_list', 'DER', list],
    ['revocation_list', 'of version 1', makeRevocationList(root, { version: 1, number: null })],
    ['revocation_list', 'after a certificate', root.certificatePem + toPem('X509 CRL', list)],
    ['public_key', 'PEM', publicKey],
    ['public_key', 'DER', derOf(publicKey)],
    ['ssh_key', 'a line', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHKt me@here'],
    ['ssh_key', 'ECDSA', 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= me@here'],
    ['ssh_key', 'RFC 4716', '---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n'],
    ['pgp', 'a public key', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n'],
    [
      'parameters',
      'of Diffie and Hellman',
      '-----BEGIN DH PARAMETERS-----\nMAYCAQcCAQI=\n-----END DH PARAMETERS-----\n',
    ],
    ['cut_off', 'no END', root.certificatePem.slice(0, -30)],
    ['cut_off', 'no END, and others after it', root.certificatePem.slice(0, -30) + middle.certificatePem],
    ['cut_off', 'no BEGIN', root.certificatePem.slice(30)],
    ['cut_off', 'DER', root.der.subarray(0, 200)],
    ['cut_off', 'base64', base64(root.der.subarray(0, 201))],
    ['damaged', 'a sign that is no base64', root.certificatePem.replace('MII', 'MI!')],
    ['damaged', 'another END', root.certificatePem.replace('END CERT', 'END X')],
    ['damaged', 'dashes that a text program drew', root.certificatePem.replaceAll('-----', '—–')],
    ['zip', 'base64', base64(Buffer.from('504b0304140000000800', 'hex'))],
    ['zip', 'bytes', Buffer.from('504b0304140000000800', 'hex')],
    ['pdf', 'text', '%PDF-1.7\n'],
    ['html', 'a sign-in page', '\n<!DOCTYPE html><html><body>Sign in</body></html>'],
    [null, 'words', 'hello'],
    [null, 'a certificate that cannot be read', Buffer.concat([root.der, Buffer.from([0])])],
  ])('%s: %s', async (given, _, input) => {
    await expect(readBundle(input)).rejects.toMatchObject({ code: 'not_a_certificate', given })
  })

  test.each([
    ['backslashes', '\\'.repeat(4_000_000)],
    ['quotes', '> '.repeat(2_000_000)],
    ['lines of quotes', '>\n'.repeat(2_000_000)],
    ['openings without an end', '-----BEGIN CERTIFICATE-----\n'.repeat(100_000)],
    ['indefinite lengths', Buffer.alloc(4_000_000, Buffer.from('3080', 'hex'))],
    [
      'indefinite lengths after a PKCS#7 began',
      Buffer.concat([Buffer.from('308006092a864886f70d010702', 'hex'), Buffer.alloc(3_000_000, 0x05)]),
    ],
  ])('refuses megabytes of %s as quickly as other input', async (_, input) => {
    expect(await costMs(async () => void (await codeOf(input)), 600)).toBeLessThan(600)
  })
})
