import { execFileSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { issue, issueAuthority, makeAuthority } from '../testing/certificates.ts'
import { writeElement, writeInteger, writeOid, writeSequence } from '../testing/der-writer.ts'
import { javaStore } from '../testing/key-store.ts'
import { readBundle, toPem } from './certificate.ts'
import { type Element, readChildren, readElementAt } from './der.ts'
import { PkiError } from './pki-error.ts'

const folder = mkdtempSync(join(tmpdir(), 'pki-certificate-'))
afterAll(() => rmSync(folder, { recursive: true }))

function openssl(...options: string[]): Buffer {
  return execFileSync('openssl', options, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] })
}

const root = makeAuthority({ subject: 'Root' })
const middle = issueAuthority(root, { subject: 'Middle' })
const leaf = issue(middle)
const all = [root, middle, leaf]
const bundle = all.map(({ certificatePem }) => certificatePem).join('')
writeFileSync(join(folder, 'all.pem'), bundle)
const p7Pem = openssl('crl2pkcs7', '-nocrl', '-certfile', 'all.pem').toString()
const p7Der = openssl('crl2pkcs7', '-nocrl', '-certfile', 'all.pem', '-outform', 'DER')

describe('input formats', () => {
  const three = all.map(({ fingerprint }) => fingerprint)
  const one = [root.fingerprint]
  test.each<[string, string | Uint8Array, string[]]>([
    ['PEM', bundle, three],
    ['PEM as bytes', Buffer.from(bundle), three],
    ['CRLF', bundle.replaceAll('\n', '\r\n'), three],
    ['CR alone', bundle.replaceAll('\n', '\r'), three],
    ['a byte order mark', `\u{feff}${bundle}`, three],
    ['UTF-16 as Windows saves it', Buffer.from(`\u{feff}${bundle}`, 'utf16le'), three],
    ['with comments and text around it', `# root\nsubject=CN = Ä\n${bundle}\nthe end -----`, three],
    ['no newline at the end', bundle.trimEnd(), three],
    ['indented', root.certificatePem.replaceAll(/^/gm, '  '), one],
    ['one line of base64', `-----BEGIN CERTIFICATE-----${base64(root.der)}-----END CERTIFICATE-----`, one],
    ['the same certificates twice', bundle + bundle, three],
    ['X509 CERTIFICATE', root.certificatePem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE'), one],
    ['base64 of DER', base64(root.der), one],
    ['base64 of DER in lines', `\u{feff}${base64(root.der).replaceAll(/.{64}/g, '$&\r\n')}\n`, one],
    ['base64 of DER as bytes', Buffer.from(base64(root.der)), one],
    ['DER', root.der, one],
    ['PKCS#7 in PEM', p7Pem, three],
    ['PKCS#7 in DER', p7Der, three],
    ['PKCS#7 in base64', base64(p7Der), three],
    ['PKCS#7 and PEM', p7Pem + root.certificatePem, three],
    ['PKCS#7 in BER, with indefinite lengths', indefinitely(p7Der), three],
    ['PKCS#7 in BER in PEM', toPem('PKCS7', indefinitely(p7Der)), three],
    ['the text of a JSON string', JSON.stringify(bundle), three],
    ['the text of a JSON string with CRLF', JSON.stringify(bundle.replaceAll('\n', '\r\n')), three],
    ['JSON within JSON', JSON.stringify(JSON.stringify(bundle)), three],
    ['JSON that escapes +, / and =', escapeSigns(JSON.stringify(bundle)), three],
    ['a quoted mail', bundle.replaceAll(/^/gm, '> '), three],
    ['a mail quoted twice', bundle.replaceAll(/^/gm, '>> '), three],
    ['quoted-printable', bundle.replaceAll('=', '=3D'), three],
    ['with invisible characters', bundle.replaceAll('\n', '\u{200b}\n'), three],
    ['UTF-16 without a byte order mark', Buffer.from(bundle, 'utf16le'), three],
    ['UTF-16 with the high byte first', Buffer.from(`\u{feff}${bundle}`, 'utf16le').swap16(), three],
    ['UTF-16 that was decoded as bytes', Buffer.from(`\u{feff}${bundle}`, 'utf16le').toString('latin1'), three],
    ['base64 of PEM, as in a secret of Kubernetes', base64(Buffer.from(bundle)), three],
  ])('reads %s', async (_, input, expected) => {
    const infos = await readBundle(input)
    expect(infos.map(({ fingerprint }) => fingerprint).toSorted()).toEqual(expected.toSorted())
  })

  test('reads an openssl TRUSTED CERTIFICATE without its trust settings', async () => {
    const trusted = openssl(
      'x509',
      '-in',
      'all.pem',
      '-addtrust',
      'clientAuth',
      '-setalias',
      'x',
      '-trustout',
    ).toString()
    expect(trusted).toContain('TRUSTED')
    const [info] = await readBundle(trusted)
    expect(info?.fingerprint).toBe(root.fingerprint)
  })
})

function escapeSigns(text: string): string {
  return text.replaceAll('+', '\\u002B').replaceAll('/', '\\/').replaceAll('=', '\\u003d')
}

/** Returns the same PKCS#7 with indefinite lengths in its outer four elements (X.690 §8.1.3.6). */
function indefinitely(der: Uint8Array): Uint8Array {
  const end = Buffer.from([0, 0])
  const open = (tag: number, ...parts: Uint8Array[]) => Buffer.concat([Buffer.from([tag, 0x80]), ...parts, end])
  const [type, wrapped] = readChildren(readElementAt(der, 0)) as [Element, Element]
  const [signedData] = readChildren(wrapped) as [Element]
  const parts = readChildren(signedData).map((part) =>
    part.tag === 0xa0 ? open(0xa0, ...readChildren(part).map(({ raw }) => raw)) : part.raw,
  )
  return open(0x30, type.raw, open(0xa0, open(0x30, ...parts)))
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

async function codeOf(
  input: string | Uint8Array,
  limits?: { maxCertificates: number; maxBytes: number },
): Promise<string> {
  const error: unknown = await readBundle(input, limits).then(
    () => null,
    (caught: unknown) => caught,
  )
  expect(error).toBeInstanceOf(PkiError)
  return error instanceof PkiError ? error.code : 'nothing'
}

describe('a private key', () => {
  const rsa = createPrivateKey(makeAuthority({ key: 'rsa-2048', subject: 'Key' }).privateKeyPem)
  const ec = createPrivateKey(root.privateKeyPem)
  const secret = { cipher: 'aes-256-cbc', passphrase: 'x' }
  writeFileSync(join(folder, 'key.pem'), root.privateKeyPem)
  openssl('req', '-x509', '-key', 'key.pem', '-subj', '/CN=x', '-out', 'own.pem')
  openssl('pkcs12', '-export', '-in', 'own.pem', '-inkey', 'key.pem', '-passout', 'pass:x', '-out', 'store.p12')
  const pkcs12 = readFileSync(join(folder, 'store.p12'))
  const pkcs8 = ec.export({ type: 'pkcs8', format: 'der' })

  test.each<[string, string | Uint8Array]>([
    ['PKCS#8', root.privateKeyPem],
    ['PKCS#8 encrypted', ec.export({ type: 'pkcs8', format: 'pem', ...secret })],
    ['PKCS#1', rsa.export({ type: 'pkcs1', format: 'pem' })],
    ['PKCS#1 encrypted', rsa.export({ type: 'pkcs1', format: 'pem', ...secret })],
    ['SEC 1', ec.export({ type: 'sec1', format: 'pem' })],
    ['OpenSSH', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n'],
    ['SSH2', '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nAAAA\n'],
    ['PGP', '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n'],
    ['PuTTY', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n'],
    ['JWK', JSON.stringify(ec.export({ format: 'jwk' }))],
    ['cut off', root.privateKeyPem.slice(0, 60)],
    ['PKCS#8 DER', pkcs8],
    ['PKCS#8 DER encrypted', ec.export({ type: 'pkcs8', format: 'der', ...secret })],
    ['PKCS#1 DER', rsa.export({ type: 'pkcs1', format: 'der' })],
    ['SEC 1 DER', ec.export({ type: 'sec1', format: 'der' })],
    ['DER cut off', pkcs8.subarray(0, 40)],
    ['DER with trailing bytes', Buffer.concat([pkcs8, root.der])],
    ['base64 of DER', base64(pkcs8)],
    ['base64 of PEM', base64(Buffer.from(root.privateKeyPem))],
    ['under another label', toPem('CERTIFICATE', pkcs8)],
    ['PKCS#12', pkcs12],
    ['PKCS#12 in base64', base64(pkcs12)],
    ['PKCS#12 in PEM', toPem('PKCS12', pkcs12)],
    ['a Java key store with a key', javaStore(root.der, [1])],
    ['a Java key store with a key after a certificate', javaStore(root.der, [2, 1])],
    ['a JCEKS with a secret key', javaStore(root.der, [3], 'cececece')],
    ['after certificates', bundle + root.privateKeyPem],
    ['after rubbish', `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${toPem('CERTIFICATE', pkcs8)}`],
    ['UTF-16', Buffer.from(`\u{feff}${root.privateKeyPem}`, 'utf16le')],
    ['in input that is too large', `${root.privateKeyPem}${'x'.repeat(5 * 1024 * 1024)}`],
  ])('is refused: %s', async (_, input) => {
    expect(await codeOf(input)).toBe('private_key')
  })

  test('is not repeated in the error', async () => {
    const error: unknown = await readBundle(root.privateKeyPem).catch((caught: unknown) => caught)
    const shown = `${JSON.stringify(error)}${error instanceof Error ? `${error.stack}${String(error.cause)}` : ''}`
    expect(shown).not.toContain(root.privateKeyPem.split('\n')[1])
  })
})

describe('refuses', () => {
  // An extension of this certificate contains the PEM of another one. Node's X509Certificate reads the inner one.
  const disguised = issue(root, {
    extraExtensions: [{ oid: '1.2.3.4', critical: false, value: Buffer.from(`\n${middle.certificatePem}`) }],
  })
  const explicitCurve = writeSequence(writeSequence(writeOid('1.2.840.10045.2.1'), writeSequence(writeInteger(1))))

  test.each<[string, string, string | Uint8Array]>([
    ['empty', 'no text', ''],
    ['empty', 'no bytes', new Uint8Array()],
    ['empty', 'white space', ' \r\n\t'],
    ['not_a_certificate', 'text', 'hello'],
    ['not_a_certificate', 'a broken block', bundle.replace('MII', 'MI!')],
    ['not_a_certificate', 'no end', '-----BEGIN CERTIFICATE-----\nMIIB'],
    ['not_a_certificate', 'spaces before a fault', `A${' '.repeat(4_000_000)}!`],
    ['not_a_certificate', 'openings only', '-----BEGIN CERTIFICATE-----'.repeat(100_000)],
    ['not_a_certificate', 'an empty block', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----'],
    ['not_a_certificate', 'a request', toPem('CERTIFICATE REQUEST', root.der)],
    ['not_a_certificate', 'a CRL among certificates', bundle + toPem('X509 CRL', root.der)],
    ['not_a_certificate', 'another label at the end', root.certificatePem.replace('END CERT', 'END X')],
    ['not_a_certificate', 'DER and more', Buffer.concat([root.der, Buffer.from([0])])],
    ['not_a_certificate', 'DER cut off', root.der.subarray(0, -1)],
    ['not_a_certificate', 'read differently by others', disguised.certificatePem],
    ['not_a_certificate', 'a public key', explicitCurve],
    ['not_a_certificate', 'a PKCS#7 without certificates', openssl('crl2pkcs7', '-nocrl')],
    ['too_large', 'too large for one', writeSequence(Buffer.alloc(100_000, 5))],
    ['not_a_certificate', 'an empty PKCS#7 type', writeSequence(writeOid('1.2.3'), writeElement(0xa0))],
    ['too_large', 'text', 'x'.repeat(4 * 1024 * 1024 + 1)],
    ['too_large', 'bytes', Buffer.alloc(4 * 1024 * 1024 + 1)],
  ])('%s: %s', async (code, _, input) => {
    expect(await codeOf(input)).toBe(code)
  })

  test('refuses more certificates than the limit, and does not count copies', async () => {
    expect(await codeOf(bundle, { maxCertificates: 2, maxBytes: 10_000 })).toBe('too_many_certificates')
    expect(await readBundle(bundle + bundle, { maxCertificates: 3, maxBytes: 10_000 })).toHaveLength(3)
  })

  test('reports the position of the block', async () => {
    const input = root.certificatePem + toPem('CERTIFICATE', Buffer.from('rubbish'))
    await expect(readBundle(input)).rejects.toMatchObject({ code: 'not_a_certificate', position: 2 })
  })
})
