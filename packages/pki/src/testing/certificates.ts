// Makes certificates for tests, valid and invalid ones, synchronously. The apps must not import it.
// Written by hand because @peculiar/x509 makes no version 1, no two Common Names and no weak signature.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { toPem } from '../read/certificate.ts'
import { fingerprintOf, readFields } from '../read/certificate-fields.ts'
import { retag, writeBitString, writeElement, writeInteger, writeOid, writeSequence, writeTime } from './der-writer.ts'
import { type ExtensionRecipe, writeExtensions } from './extensions.ts'

export type KeyKind =
  | 'rsa-1024'
  | 'rsa-2048'
  | 'rsa-3072'
  | 'rsa-4096'
  | 'rsa-pss'
  | 'p-224'
  | 'p-256'
  | 'p-384'
  | 'p-521'
  | 'secp256k1'
  | 'brainpoolP256r1'
  | 'brainpoolP384r1'
  | 'brainpoolP512r1'
  | 'ed25519'
  | 'ed448'

/** `sha3-256` is not supported by the judge. */
export type SignatureHash = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512' | 'sha3-256'

/** One attribute of a subject. A `value` of bytes is written unchanged. */
export interface SubjectAttribute {
  /** `CN`, `O`, `OU`, `C`, or an OID. */
  type: string
  value: string | Uint8Array
  /** Default: `utf8`. */
  encoding?: 'utf8' | 'printable' | 'ia5' | 'teletex' | 'bmp' | 'universal'
}

/** A certificate and its key. The PEM texts end with a newline; the key is PKCS#8. */
export interface Issued {
  certificatePem: string
  privateKeyPem: string
  der: Uint8Array
  /** SHA-256 of `der`, lower-case hex. */
  fingerprint: string
}

/** What to make. The defaults make a valid certificate. */
export interface Recipe extends ExtensionRecipe {
  /** A Common Name, or the relative distinguished names of the subject. */
  subject?: string | SubjectAttribute[][]
  key?: KeyKind
  /** Uses this key instead of a new one. */
  privateKeyPem?: string
  /** 1 writes no extensions. */
  /** Writes this SubjectPublicKeyInfo, of any shape. The private key is then another one. */
  spki?: Uint8Array
  version?: 1 | 3
  notBefore?: Date
  notAfter?: Date
  /** Bytes are written unchanged. */
  serialNumber?: bigint | Uint8Array
  hash?: SignatureHash
  /** RSA-PSS instead of PKCS#1 v1.5. */
  isPss?: boolean
  /** Makes the signature invalid. */
  isForged?: boolean
}

// Fixed, so that no test depends on the day. Long enough for real brokers, which use the real time.
const defaultNotBefore = new Date('2020-01-01T00:00:00Z')
const defaultNotAfter = new Date('2049-12-31T23:59:59Z')

/**
 * Makes a self-signed authority: P-256, version 3, CA:TRUE, keyCertSign and cRLSign, key identifiers, unless the recipe
 * says otherwise.
 */
export function makeAuthority(recipe: Recipe = {}): Issued {
  return make(null, withAuthorityDefaults({ subject: 'Test Authority', ...recipe }))
}

/** Makes an authority that `issuer` signs. */
export function issueAuthority(authority: Issued, recipe: Recipe = {}): Issued {
  return make(authority, withAuthorityDefaults({ subject: 'Test Intermediate', ...recipe }))
}

/**
 * Makes a client certificate: P-256, CN `alice`, clientAuth, digitalSignature, key identifiers, unless the recipe says
 * otherwise.
 */
export function issue(authority: Issued, recipe: Recipe = {}): Issued {
  return make(authority, {
    subject: 'alice',
    basicConstraints: { isAuthority: false },
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['clientAuth'],
    ...recipe,
  })
}

function withAuthorityDefaults(recipe: Recipe): Recipe {
  return { basicConstraints: { isAuthority: true }, keyUsage: ['keyCertSign', 'cRLSign'], ...recipe }
}

let serialNumbers = 1000n

function make(authority: Issued | null, recipe: Recipe): Issued {
  const subject = writeSubject(recipe.subject ?? 'alice')
  const privateKey = recipe.privateKeyPem
    ? createPrivateKey(recipe.privateKeyPem)
    : makeKey(recipe.key ?? 'p-256', recipe)
  const signingKey = authority ? createPrivateKey(authority.privateKeyPem) : privateKey
  const algorithm = writeSignatureAlgorithm(signingKey, recipe)
  const spki = recipe.spki ?? createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const tbs = writeSequence(
    ...(recipe.version === 1 ? [] : [writeElement(0xa0, writeInteger(2))]),
    writeSerialNumber(recipe.serialNumber ?? ++serialNumbers),
    algorithm,
    authority ? readFields(authority.der).subject : subject,
    writeSequence(writeTime(recipe.notBefore ?? defaultNotBefore), writeTime(recipe.notAfter ?? defaultNotAfter)),
    subject,
    spki,
    ...(recipe.version === 1 ? [] : [writeExtensions(recipe, spki, authority?.der ?? null)]),
  )
  const der = writeSequence(tbs, algorithm, writeBitString(makeSignature(tbs, signingKey, recipe)))
  return {
    certificatePem: toPem('CERTIFICATE', der),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    der,
    fingerprint: fingerprintOf(der),
  }
}

function writeSerialNumber(number: bigint | Uint8Array): Uint8Array {
  return typeof number === 'bigint' ? writeInteger(number) : writeElement(0x02, number)
}

function makeSignature(tbs: Uint8Array, key: KeyObject, { hash, isPss, isForged }: Recipe): Uint8Array {
  const isEdwards = key.asymmetricKeyType?.startsWith('ed')
  const signature = sign(isEdwards ? null : (hash ?? 'sha256'), tbs, isPss ? { key, padding: 6, saltLength: 32 } : key)
  // The last byte belongs to a number in every kind of signature.
  if (isForged) signature.writeUInt8(signature.readUInt8(signature.length - 1) ^ 1, signature.length - 1)
  return signature
}

const rsaAlgorithms: Record<SignatureHash, string> = {
  md5: '1.2.840.113549.1.1.4',
  sha1: '1.2.840.113549.1.1.5',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
  'sha3-256': '2.16.840.1.101.3.4.3.14',
}
const ecAlgorithms: Record<Exclude<SignatureHash, 'md5'>, string> = {
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
  'sha3-256': '2.16.840.1.101.3.4.3.10',
}

/** Returns the AlgorithmIdentifier of a signature with this key. */
export function writeSignatureAlgorithm(
  key: KeyObject,
  { hash = 'sha256', isPss }: Pick<Recipe, 'hash' | 'isPss'>,
): Uint8Array {
  const type = key.asymmetricKeyType
  if (type === 'ed25519') return writeSequence(writeOid('1.3.101.112'))
  if (type === 'ed448') return writeSequence(writeOid('1.3.101.113'))
  if (type === 'ec') return writeSequence(writeOid(hash === 'md5' ? '1.2.3' : ecAlgorithms[hash]))
  const nothing = writeElement(0x05)
  if (!isPss) return writeSequence(writeOid(rsaAlgorithms[hash]), nothing)
  const sha256 = writeSequence(writeOid('2.16.840.1.101.3.4.2.1'), nothing)
  const mask = writeSequence(writeOid('1.2.840.113549.1.1.8'), sha256)
  const parameters = [sha256, mask, writeInteger(32)].map((part, i) => writeElement(0xa0 + i, part))
  return writeSequence(writeOid('1.2.840.113549.1.1.10'), writeSequence(...parameters))
}

// An RSA key takes up to a second, so there is one per size and subject for the whole process. Two authorities with
// different RSA keys need different subjects or `privateKeyPem`. Other keys are always new.
const rsaKeys = new Map<string, KeyObject>()

function makeKey(kind: KeyKind, { subject }: Recipe): KeyObject {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519').privateKey
  if (kind === 'ed448') return generateKeyPairSync('ed448').privateKey
  if (kind === 'rsa-pss') return generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey
  if (!kind.startsWith('rsa-')) return generateKeyPairSync('ec', { namedCurve: curveNames[kind] ?? kind }).privateKey
  const id = `${kind} ${JSON.stringify(subject)}`
  const key = rsaKeys.get(id) ?? generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) }).privateKey
  rsaKeys.set(id, key)
  return key
}

const curveNames: Record<string, string> = {
  'p-224': 'secp224r1',
  'p-256': 'prime256v1',
  'p-384': 'secp384r1',
  'p-521': 'secp521r1',
}

const attributeOids: Record<string, string> = { CN: '2.5.4.3', C: '2.5.4.6', O: '2.5.4.10', OU: '2.5.4.11' }
const stringTags = { utf8: 0x0c, printable: 0x13, teletex: 0x14, ia5: 0x16, universal: 0x1c, bmp: 0x1e } as const

/** Returns a Name from a Common Name, or from relative distinguished names. */
export function writeSubject(subject: string | SubjectAttribute[][]): Uint8Array {
  const relativeNames = typeof subject === 'string' ? [[{ type: 'CN', value: subject }]] : subject
  return writeSequence(
    ...relativeNames.map((attributes) => retag(0x31, writeSequence(...attributes.map(writeAttribute)))),
  )
}

function writeAttribute({ type, value, encoding = 'utf8' }: SubjectAttribute): Uint8Array {
  const bytes = typeof value === 'string' ? encodeText(value, encoding) : value
  return writeSequence(writeOid(attributeOids[type] ?? type), writeElement(stringTags[encoding], bytes))
}

function encodeText(text: string, encoding: NonNullable<SubjectAttribute['encoding']>): Uint8Array {
  if (encoding === 'bmp') return Buffer.from(text, 'utf16le').swap16()
  if (encoding === 'universal') return utf32(text)
  return Buffer.from(text, encoding === 'utf8' ? 'utf8' : 'latin1')
}

function utf32(text: string): Uint8Array {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0)
  const bytes = Buffer.alloc(points.length * 4)
  for (const [i, point] of points.entries()) bytes.writeUInt32BE(point, i * 4)
  return bytes
}
