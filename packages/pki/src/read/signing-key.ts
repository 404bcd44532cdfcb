// Rule: what an encrypted key demands to be computed is bounded before it is computed, and nothing of a key is ever in an error.
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { type Element, readChildren, readOnly, tags } from './der.ts'

export type SigningKeyProblem =
  /** Nothing in the text is a private key in PEM. */
  | 'not_a_key'
  | 'password_required'
  | 'wrong_password'
  /** Of a kind with which nothing is signed here, or encrypted in a way that would hold up the thread. */
  | 'unsupported'

/** The only error that reading a key throws. It says nothing of the key. */
export class SigningKeyError extends Error {
  readonly problem: SigningKeyProblem

  constructor(problem: SigningKeyProblem) {
    super(`The private key cannot be used: ${problem}`)
    this.name = 'SigningKeyError'
    this.problem = problem
  }
}

const maxKeyText = 64 * 1024

/**
 * Reads a private key in PEM, PKCS#8 (RFC 5958, also encrypted), PKCS#1 or SEC 1, with anything around it. Takes the kinds that can
 * sign here: RSA, ECDSA on P-256, P-384 and P-521, Ed25519. Throws only `SigningKeyError`. Blocks for a second at most. Node only.
 */
export function readSigningKey(text: string, password?: string): KeyObject {
  const block = findBlock(text)
  const isEncrypted = block.includes('ENCRYPTED')
  if (isEncrypted && !password) throw new SigningKeyError('password_required')
  if (isEncrypted) requireBounded(block)
  const key = decode(block, isEncrypted ? password : undefined)
  if (signingAlgorithmOf(key) === null) throw new SigningKeyError('unsupported')
  return key
}

/** Whether text holds a private key that asks for a password. */
export function isEncryptedKeyText(text: string): boolean {
  return /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)
}

export type SigningAlgorithm =
  | { name: 'RSASSA-PKCS1-v1_5'; hash: 'SHA-256' }
  | { name: 'ECDSA'; namedCurve: 'P-256' | 'P-384' | 'P-521'; hash: 'SHA-256' | 'SHA-384' | 'SHA-512' }
  | { name: 'Ed25519' }

const curves: Record<string, Extract<SigningAlgorithm, { name: 'ECDSA' }>> = {
  prime256v1: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  secp384r1: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  secp521r1: { name: 'ECDSA', namedCurve: 'P-521', hash: 'SHA-512' },
}

/** How WebCrypto signs with this key; null where it is of a kind that signs nothing here. */
export function signingAlgorithmOf(key: KeyObject): SigningAlgorithm | null {
  const kind = key.asymmetricKeyType
  if (kind === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  if (kind === 'ed25519') return { name: 'Ed25519' }
  return kind === 'ec' ? (curves[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? null) : null
}

/** Whether it is the key of this certificate. `der` must have been read by `readBundle`, which refuses keys of absurd sizes. */
export function isKeyOf(der: Uint8Array, key: KeyObject): boolean {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' }).equals(spki)
}

/** The first block with a key: openssl writes parameters before it, people paste certificates around it. */
function findBlock(text: string): string {
  const label =
    text.length > maxKeyText ? undefined : /-----BEGIN ((?:ENCRYPTED |RSA |EC )?PRIVATE KEY)-----/.exec(text)
  if (!label) throw new SigningKeyError('not_a_key')
  const end = `-----END ${label[1]}-----`
  const endsAt = text.indexOf(end, label.index)
  if (endsAt < 0) throw new SigningKeyError('not_a_key')
  return `${text.slice(label.index, endsAt)}${end}\n`
}

function decode(block: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: block, ...(passphrase !== undefined && { passphrase }) })
  } catch {
    // The cause is dropped. With a wrong password it is many things: one guess in 256 decrypts to something that then is no key.
    throw new SigningKeyError(passphrase === undefined ? 'not_a_key' : 'wrong_password')
  }
}

// OpenSSL itself bounds the memory of scrypt, and so its work.
const maxIterations = 2_000_000

/** PKCS#8 says how often its password is hashed (RFC 8018): as often as whoever made the file likes. */
function requireBounded(block: string): void {
  // The older form, of PKCS#1 and SEC 1, hashes once.
  if (!block.includes('BEGIN ENCRYPTED')) return
  try {
    const der = Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64')
    const [algorithm] = readChildren(readOnly(der, tags.sequence))
    if (algorithm && integersIn(algorithm).every((value) => value <= maxIterations)) return
  } catch {
    // Not what it says it is: OpenSSL is not asked.
  }
  throw new SigningKeyError('unsupported')
}

function integersIn(element: Element): number[] {
  if (element.tag === tags.integer) return [element.content.reduce((value, byte) => value * 256 + byte, 0)]
  return element.tag & 0x20 ? readChildren(element).flatMap(integersIn) : []
}
