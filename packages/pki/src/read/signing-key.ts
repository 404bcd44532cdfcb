// Rule: the work that an encrypted key requires is bounded before it is done, and no error contains anything of a key.
import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { type Element, readChildren, readOnly, tags } from './der.ts'

export type SigningKeyProblem =
  /** The text contains no private key in PEM. */
  | 'not_a_key'
  | 'password_required'
  | 'wrong_password'
  /** The key cannot sign here, or decrypting it would block the thread. */
  | 'unsupported'

/** The only error of reading a signing key. It contains nothing of the key. */
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
 * Reads a private key in PEM: PKCS#8 (RFC 5958), also encrypted, PKCS#1 or SEC 1, with anything around it. Accepts keys
 * that can sign here: RSA, ECDSA on P-256, P-384 and P-521, Ed25519. Throws only `SigningKeyError`. Blocks for at most
 * a second. Node only.
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

/** Returns true if the text contains a private key that requires a password. */
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

/** Returns the WebCrypto parameters for signing with this key, or null if it cannot sign here. */
export function signingAlgorithmOf(key: KeyObject): SigningAlgorithm | null {
  const kind = key.asymmetricKeyType
  if (kind === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  if (kind === 'ed25519') return { name: 'Ed25519' }
  return kind === 'ec' ? (curves[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? null) : null
}

/**
 * Returns true if the key belongs to this certificate. `der` must come from `readBundle`, which refuses keys of absurd
 * sizes.
 */
export function isKeyOf(der: Uint8Array, key: KeyObject): boolean {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return new X509Certificate(der).publicKey.export({ type: 'spki', format: 'der' }).equals(spki)
}

/** The first block with a key: openssl writes parameters before it, and people paste certificates around it. */
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
    // The cause is dropped. A wrong password causes many different errors: one in 256 wrong guesses decrypts to bytes
    // that are not a key.
    throw new SigningKeyError(passphrase === undefined ? 'not_a_key' : 'wrong_password')
  }
}

// OpenSSL bounds the memory of scrypt, and so its work.
const maxIterations = 2_000_000

/** PKCS#8 states the number of iterations (RFC 8018), which the maker of the file chooses freely. */
function requireBounded(block: string): void {
  // The older form of PKCS#1 and SEC 1 hashes once.
  if (!block.includes('BEGIN ENCRYPTED')) return
  try {
    const der = Buffer.from(block.replace(/-----[^-]+-----/g, ''), 'base64')
    const [algorithm] = readChildren(readOnly(der, tags.sequence))
    if (algorithm && integersIn(algorithm).every((value) => value <= maxIterations)) return
  } catch {
    // Malformed: it is not given to OpenSSL.
  }
  throw new SigningKeyError('unsupported')
}

function integersIn(element: Element): number[] {
  if (element.tag === tags.integer) return [element.content.reduce((value, byte) => value * 256 + byte, 0)]
  return element.tag & 0x20 ? readChildren(element).flatMap(integersIn) : []
}
