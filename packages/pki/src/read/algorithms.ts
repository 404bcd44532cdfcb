import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { CertificateFields } from './certificate-fields.ts'
import {
  DerError,
  type Element,
  expectTag,
  readBitStringBytes,
  readChildren,
  readInteger,
  readOid,
  readOnly,
  readSmallInteger,
  tags,
} from './der.ts'

/** The properties of a public key. They are read without OpenSSL, so that an oversized key costs nothing. */
export interface KeyFacts {
  kind: 'rsa' | 'ec' | 'eddsa' | 'other'
  /** For display: `RSA 2048`, `ECDSA P-256`, `Ed25519`. */
  label: string
  /** Less than 112 bits of security (NIST SP 800-57), a curve below P-256, or an unknown curve. */
  isWeak: boolean
  /** OpenSSL would need more than about a millisecond to verify with it. It is never given to OpenSSL. */
  isTooLarge: boolean
  /** A client can authenticate with it in TLS 1.3 (RFC 8446 §4.2.3, RFC 8734). */
  isForTls: boolean
}

const maxRsaBits = 16_384
// OpenSSL's own limit for large moduli. An exponent as long as the modulus makes verifying as slow as signing.
const maxExponentBytes = 8

const curves: Record<string, { label: string; isWeak: boolean; isForTls?: false }> = {
  '1.2.840.10045.3.1.7': { label: 'P-256', isWeak: false },
  '1.3.132.0.34': { label: 'P-384', isWeak: false },
  '1.3.132.0.35': { label: 'P-521', isWeak: false },
  '1.3.132.0.10': { label: 'secp256k1', isWeak: false, isForTls: false },
  '1.3.36.3.3.2.8.1.1.7': { label: 'brainpoolP256r1', isWeak: false },
  '1.3.36.3.3.2.8.1.1.11': { label: 'brainpoolP384r1', isWeak: false },
  '1.3.36.3.3.2.8.1.1.13': { label: 'brainpoolP512r1', isWeak: false },
  '1.2.840.10045.3.1.1': { label: 'P-192', isWeak: true },
  '1.3.132.0.33': { label: 'P-224', isWeak: true },
}

/** Reads a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 3279, 5480, 8410). Throws `DerError`. */
export function readKey(spki: Uint8Array): KeyFacts {
  const [algorithm, bits, ...more] = readChildren(readOnly(spki, tags.sequence))
  if (more.length > 0) throw new DerError('public key')
  const [id, parameters] = readChildren(expectTag(algorithm, tags.sequence))
  const oid = readOid(id)
  const key = readBitStringBytes(bits)
  switch (oid) {
    case '1.2.840.113549.1.1.1':
    case '1.2.840.113549.1.1.10':
      return readRsaKey(key)
    case '1.2.840.10045.2.1':
      return readCurve(parameters)
    case '1.3.101.112':
      return { kind: 'eddsa', label: 'Ed25519', isWeak: false, isTooLarge: false, isForTls: true }
    case '1.3.101.113':
      return { kind: 'eddsa', label: 'Ed448', isWeak: false, isTooLarge: false, isForTls: true }
    default:
      return unknownKey(oid === '1.2.840.10040.4.1' ? 'DSA' : oid)
  }
}

function unknownKey(label: string): KeyFacts {
  return { kind: 'other', label, isWeak: true, isTooLarge: false, isForTls: false }
}

function readRsaKey(key: Uint8Array): KeyFacts {
  const [modulus, exponent, ...more] = readChildren(readOnly(key, tags.sequence))
  if (more.length > 0) throw new DerError('public key')
  const bits = bitLength(readInteger(modulus))
  const power = readInteger(exponent)
  const isTooLarge = bits > maxRsaBits || power.length > maxExponentBytes + 1
  // With an exponent of one everybody can sign: the signature equals the signed bytes.
  const isWeak = bits < 2048 || bitLength(power) < 2
  return { kind: 'rsa', label: `RSA ${bits}`, isWeak, isTooLarge, isForTls: true }
}

function bitLength(integer: Uint8Array): number {
  const first = integer.findIndex((byte) => byte !== 0)
  if (first < 0 || (integer[0] ?? 0) & 0x80) throw new DerError('public key')
  return (integer.length - first) * 8 - Math.clz32(integer[first] ?? 0) + 24
}

// Explicit curve parameters (forbidden by RFC 5480 §2.1.1; CVE-2020-0601, CVE-2022-0778) are never given to OpenSSL.
function readCurve(parameters: Element | undefined): KeyFacts {
  if (parameters?.tag !== tags.oid) return unknownKey('ECDSA')
  const curve = curves[readOid(parameters)]
  if (curve === undefined) return unknownKey('ECDSA unknown curve')
  const { label, isWeak, isForTls = true } = curve
  return { kind: 'ec', label: `ECDSA ${label}`, isWeak, isTooLarge: false, isForTls }
}

/** The signature algorithm of a certificate or CRL. */
export interface SignatureFacts {
  /** For display: `SHA256 with RSA`, `ECDSA with SHA256`, `Ed25519`. */
  label: string
  kind: KeyFacts['kind']
  /** Null if the algorithm fixes the hash (EdDSA), or if it is not supported. */
  hash: string | null
  /** Length of the salt in bytes; null if it is not RSA-PSS. */
  saltLength: number | null
  /** SHA-1 and older, for which collisions exist, and every algorithm that is not supported. */
  isWeak: boolean
  /**
   * False: this signature cannot be verified here. Then the signer is unknown, which does not mean that the signature
   * is forged.
   */
  isSupported: boolean
}

const signatureAlgorithms: Record<string, [hash: string, kind: KeyFacts['kind']]> = {
  '1.2.840.113549.1.1.2': ['md2', 'rsa'],
  '1.2.840.113549.1.1.4': ['md5', 'rsa'],
  '1.2.840.113549.1.1.5': ['sha1', 'rsa'],
  '1.2.840.113549.1.1.14': ['sha224', 'rsa'],
  '1.2.840.113549.1.1.11': ['sha256', 'rsa'],
  '1.2.840.113549.1.1.12': ['sha384', 'rsa'],
  '1.2.840.113549.1.1.13': ['sha512', 'rsa'],
  '1.2.840.10045.4.1': ['sha1', 'ec'],
  '1.2.840.10045.4.3.1': ['sha224', 'ec'],
  '1.2.840.10045.4.3.2': ['sha256', 'ec'],
  '1.2.840.10045.4.3.3': ['sha384', 'ec'],
  '1.2.840.10045.4.3.4': ['sha512', 'ec'],
}

const brokenHashes = new Set(['md2', 'md5', 'sha1'])

/** Names of unsupported algorithms, for display. */
const unsupportedNames: Record<string, string> = {
  '1.2.840.10040.4.3': 'DSA with SHA1',
  '2.16.840.1.101.3.4.3.2': 'DSA with SHA256',
  '2.16.840.1.101.3.4.3.9': 'ECDSA with SHA3-224',
  '2.16.840.1.101.3.4.3.10': 'ECDSA with SHA3-256',
  '2.16.840.1.101.3.4.3.11': 'ECDSA with SHA3-384',
  '2.16.840.1.101.3.4.3.12': 'ECDSA with SHA3-512',
  '2.16.840.1.101.3.4.3.13': 'SHA3-224 with RSA',
  '2.16.840.1.101.3.4.3.14': 'SHA3-256 with RSA',
  '2.16.840.1.101.3.4.3.15': 'SHA3-384 with RSA',
  '2.16.840.1.101.3.4.3.16': 'SHA3-512 with RSA',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.18': 'ML-DSA-65',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
  '1.2.156.10197.1.501': 'SM2 with SM3',
}

function unsupported(label: string): SignatureFacts {
  return { label, kind: 'other', hash: null, saltLength: null, isWeak: true, isSupported: false }
}

/** Reads the AlgorithmIdentifier of a signature (RFC 3279, 4055, 5758, 8410). Throws `DerError`. */
export function readSignature(algorithm: Element): SignatureFacts {
  const [id, parameters] = readChildren(algorithm)
  const oid = readOid(id)
  if (oid === '1.3.101.112' || oid === '1.3.101.113') {
    const label = oid === '1.3.101.112' ? 'Ed25519' : 'Ed448'
    return { label, kind: 'eddsa', hash: null, saltLength: null, isWeak: false, isSupported: true }
  }
  if (oid === '1.2.840.113549.1.1.10') return readPss(parameters)
  const known = signatureAlgorithms[oid]
  if (known === undefined) return unsupported(unsupportedNames[oid] ?? oid)
  const [hash, kind] = known
  const name = hash.toUpperCase()
  const label = kind === 'rsa' ? `${name} with RSA` : `ECDSA with ${name}`
  return { label, kind, hash, saltLength: null, isWeak: brokenHashes.has(hash), isSupported: hash !== 'md2' }
}

const hashes: Record<string, string> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}

// RFC 4055 §3.1: [0] hash (SHA-1), [1] mask (MGF1, its hash must be the same here), [2] salt length (20).
function readPss(parameters: Element | undefined): SignatureFacts {
  const fields = readChildren(expectTag(parameters, tags.sequence))
  const inside = (tag: number) => fields.find((field) => field.tag === tag)?.content
  const hash = readHash(inside(0xa0))
  const mask = inside(0xa1)
  const maskHash = mask && readHash(readChildren(readOnly(mask, tags.sequence))[1]?.raw)
  const salt = inside(0xa2)
  const saltLength = salt ? readSmallInteger(readOnly(salt, tags.integer)) : 20
  if (hash === undefined || (maskHash ?? 'sha1') !== hash || saltLength > 512) {
    return unsupported('RSA-PSS')
  }
  const label = `RSA-PSS with ${hash.toUpperCase()}`
  return { label, kind: 'rsa', hash, saltLength, isWeak: brokenHashes.has(hash), isSupported: true }
}

function readHash(algorithm: Uint8Array | undefined): string | undefined {
  return algorithm ? hashes[readOid(readChildren(readOnly(algorithm, tags.sequence))[0])] : 'sha1'
}

/**
 * Imports a public key into OpenSSL. `spki`: DER. Returns null if OpenSSL refuses the key, or if the key is oversized
 * or unsupported. Never throws.
 */
export function importKey(spki: Uint8Array, facts: KeyFacts): KeyObject | null {
  if (facts.isTooLarge || facts.kind === 'other') return null
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch {
    return null // a point off the curve or an even modulus: no signature can be valid under it
  }
}

/** The signed bytes, the algorithm and the signature of a certificate, CRL or request. */
export type Signed = Pick<CertificateFields, 'tbs' | 'signatureAlgorithm' | 'signature'>

/**
 * Returns true if `key` made the signature. Never throws. Verifies the bytes that were parsed: Node's X509Certificate
 * looks for PEM in its input first, so it would verify a certificate inside another one (measured).
 */
export function isSignedBy(signed: Signed, key: KeyObject | null): boolean {
  try {
    const means = meansOf(signed, key)
    return means !== null && verify(means.hash, signed.tbs, means.key, signed.signature)
  } catch {
    return false // OpenSSL refuses the combination
  }
}

/** The same in a background thread: hashing ten megabytes would block this one. Never rejects. */
export async function isSignedByInBackground(signed: Signed, key: KeyObject | null): Promise<boolean> {
  try {
    const means = meansOf(signed, key)
    if (means === null) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    verify(means.hash, signed.tbs, means.key, signed.signature, (error, isGood) => resolve(error === null && isGood))
    return await promise
  } catch {
    return false // OpenSSL refuses the combination
  }
}

/** Returns null for an unsupported hash, or a key of another kind than the algorithm. Throws `DerError`. */
function meansOf({ signatureAlgorithm }: Signed, key: KeyObject | null) {
  const { kind, hash, saltLength } = readSignature(signatureAlgorithm)
  if (key === null || kind === 'other' || hash === 'md2' || kind !== kindOf(key)) return null
  const pss = saltLength === null ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
  return { hash, key: { key, ...pss } }
}

function kindOf(key: KeyObject): KeyFacts['kind'] {
  const type = key.asymmetricKeyType ?? ''
  if (type === 'ec') return 'ec'
  if (type.startsWith('rsa')) return 'rsa'
  return type.startsWith('ed') ? 'eddsa' : 'other'
}
