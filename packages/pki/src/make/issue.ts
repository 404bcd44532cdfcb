// Makes the certificates that this server signs: its built-in authority, its server certificate, client certificates.
// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 throws at import without it
import 'reflect-metadata'
import { createPrivateKey, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'
import { signingAlgorithmOf } from '../read/signing-key.ts'

/**
 * A certificate and its PKCS#8 key, both PEM with a newline at the end. Store the key with mode 0600 and never log it.
 */
export interface IssuedPems {
  certificatePem: string
  privateKeyPem: string
}

const { subtle } = globalThis.crypto
const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const
const dayMs = 24 * 60 * 60 * 1000
// Clocks of devices run slow. A certificate that is valid from this second on is not yet valid for them.
const backdatedMs = 5 * 60 * 1000

/**
 * Makes a self-signed authority: ECDSA P-256, version 3, CA:TRUE, keyCertSign and cRLSign, key identifiers (RFC 5280
 * §4.2.1). Valid from five minutes before `at` until `days` after it. Rejects if the Common Name is empty.
 */
export async function makeAuthority(options: {
  commonName: string
  organization?: string
  days: number
  at: Date
}): Promise<IssuedPems> {
  if (options.commonName === '') throw new RangeError('An authority needs a common name.')
  const keys = await makeKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: makeSerialNumber(),
    name: makeName(options.commonName, options.organization),
    notBefore: new Date(options.at.getTime() - backdatedMs),
    notAfter: new Date(options.at.getTime() + options.days * dayMs),
    signingAlgorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return toPems(certificate, keys.privateKey)
}

/**
 * An authority that signs: its certificate, followed by those above it if there are any, and its key, which
 * `readSigningKey` must accept.
 */
export type SigningAuthority = IssuedPems

/**
 * Makes the certificate of a TLS server: ECDSA P-256, serverAuth. All DNS names and IP addresses are in the SAN; the
 * first one is also the CN if it fits. Ends with the authority, or any above it, at the latest. Rejects if `names` is
 * empty.
 */
export async function issueServerCertificate(options: {
  authority: SigningAuthority
  names: readonly string[]
  days: number
  at: Date
}): Promise<IssuedPems> {
  const [commonName] = options.names
  if (commonName === undefined) throw new RangeError('A server certificate needs a name.')
  const authority = readFirst(options.authority.certificatePem)
  const keys = await makeKeys()
  const signer = await importSigner(options.authority.privateKeyPem)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: makeSerialNumber(),
    subject: commonName.length > 64 ? makeName('server') : makeName(commonName),
    issuer: authority.subjectName,
    ...datesWithin(readAll(options.authority.certificatePem), options),
    ...signer,
    publicKey: keys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(options.names.map(toGeneralName)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await identifierOf(authority),
    ],
  })
  return toPems(certificate, keys.privateKey)
}

/**
 * Makes a client certificate for another party's key, given as SubjectPublicKeyInfo: this Common Name, no other name,
 * only clientAuth. Ends with the authority, or any above it, at the latest. Rejects for a key that WebCrypto does not
 * support. Returns PEM.
 */
export async function issueClientCertificate(options: {
  authority: SigningAuthority
  spki: Uint8Array
  commonName: string
  days: number
  at: Date
}): Promise<string> {
  const authority = readFirst(options.authority.certificatePem)
  const publicKey = new x509.PublicKey(new Uint8Array(options.spki))
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: makeSerialNumber(),
    subject: makeName(options.commonName),
    issuer: authority.subjectName,
    ...datesWithin(readAll(options.authority.certificatePem), options),
    ...(await importSigner(options.authority.privateKeyPem)),
    publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await identifierOf(authority),
    ],
  })
  return `${certificate.toString('pem').trim()}\n`
}

/**
 * Makes a cross certificate: the key of one authority, signed by another, so that clients that trust only the signer
 * accept servers of the first. Both are self-signed. For servers only (serverAuth, RFC 5280 §4.2.1.12; path length 0):
 * it must not let any MQTT client in. Returns PEM.
 */
export async function crossSign(options: {
  certificatePem: string
  by: SigningAuthority
  days: number
  at: Date
}): Promise<string> {
  const [subject, issuer] = [readFirst(options.certificatePem), readFirst(options.by.certificatePem)]
  const signer = await importSigner(options.by.privateKeyPem)
  const own = await keyIdentifierOf(subject)
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: makeSerialNumber(),
    subject: subject.subjectName,
    issuer: issuer.subjectName,
    ...datesWithin([subject, issuer], options),
    ...signer,
    publicKey: subject.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth], true),
      new x509.SubjectKeyIdentifierExtension(own),
      await identifierOf(issuer),
    ],
  })
  return `${certificate.toString('pem').trim()}\n`
}

function datesWithin(bounds: readonly x509.X509Certificate[], { at, days }: { at: Date; days: number }) {
  const begins = bounds.map(({ notBefore }) => notBefore.getTime())
  const ends = bounds.map(({ notAfter }) => notAfter.getTime())
  return {
    notBefore: new Date(Math.max(at.getTime() - backdatedMs, ...begins)),
    notAfter: new Date(Math.min(at.getTime() + days * dayMs, ...ends)),
  }
}

function readAll(pem: string): x509.X509Certificate[] {
  return x509.PemConverter.decode(pem).map((der) => new x509.X509Certificate(der))
}

export function readFirst(pem: string): x509.X509Certificate {
  const [first] = readAll(pem)
  if (!first) throw new RangeError('An authority has a certificate.')
  return first
}

// The authority's own identifier, however it was made: openssl refuses an issuer with another identifier (RFC 5280
// §4.2.1.1).
async function keyIdentifierOf(certificate: x509.X509Certificate): Promise<string> {
  const said = certificate.getExtension(x509.SubjectKeyIdentifierExtension)
  return said?.keyId ?? (await x509.SubjectKeyIdentifierExtension.create(certificate.publicKey)).keyId
}

export async function identifierOf(issuer: x509.X509Certificate): Promise<x509.AuthorityKeyIdentifierExtension> {
  return new x509.AuthorityKeyIdentifierExtension(await keyIdentifierOf(issuer))
}

// The type is inferred: apps/bff has the types of Node, this package has those of the DOM.
function makeKeys() {
  return subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
}

type PrivateKey = Awaited<ReturnType<typeof makeKeys>>['privateKey']

// RFC 5280 §4.1.2.2: positive. The second bit is set so that the number always has its full length.
function makeSerialNumber(): string {
  const bytes = randomBytes(16)
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0)
  return bytes.toString('hex')
}

// As objects: a name in text form would need escaping.
function makeName(commonName: string, organization?: string): x509.Name {
  const organizations = organization === undefined ? [] : [{ O: [{ utf8String: organization }] }]
  return new x509.Name([...organizations, { CN: [{ utf8String: commonName }] }])
}

function toGeneralName(name: string): x509.JsonGeneralName {
  return isIP(name) ? { type: 'ip', value: name } : { type: 'dns', value: name }
}

/** Returns what the generator needs in order to sign. Rejects for a kind of key that cannot sign here. */
export async function importSigner(privateKeyPem: string) {
  const key = createPrivateKey(privateKeyPem)
  const algorithm = signingAlgorithmOf(key)
  if (algorithm === null) throw new RangeError('With this kind of key nothing is signed here.')
  const der = new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }))
  return {
    signingKey: await subtle.importKey('pkcs8', der, algorithm, false, ['sign']),
    signingAlgorithm: algorithm,
  }
}

async function toPems(certificate: x509.X509Certificate, privateKey: PrivateKey): Promise<IssuedPems> {
  const pkcs8 = await subtle.exportKey('pkcs8', privateKey)
  return {
    certificatePem: `${certificate.toString('pem').trim()}\n`,
    privateKeyPem: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY').trim()}\n`,
  }
}
