// Rule: a private key is detected before anything else, also if it is mislabelled, cut off or not exactly DER. Also runs
// in the browser, so it uses no Node.
import { holdsKey, isKeyStore } from './key-store.ts'

const words = ['PRIVATE KEY', 'PuTTY-User-Key-File']

/**
 * Returns true if text contains a private key: a PEM label of one (PKCS#1, PKCS#8, SEC 1, OpenSSH, SSH2, PGP), PuTTY's
 * format, or a JWK. Also true for a comment with these words: searching for a whole label could be made slow by a
 * hostile text.
 */
export function hasPrivateKeyText(text: string): boolean {
  return words.some((word) => text.includes(word)) || (/"kty"\s{0,9}:/.test(text) && /"[dk]"\s{0,9}:/.test(text))
}

/**
 * Returns true if binary input begins like a private key: PKCS#8 (RFC 5958), also encrypted, PKCS#1, DSA, SEC 1 (RFC
 * 5915). Looks only at the first bytes. For a key store it is true if the store certainly holds a key; see
 * `isKeyStore`.
 */
export function hasPrivateKeyShape(bytes: Uint8Array): boolean {
  if (isKeyStore(bytes)) return holdsKey(bytes)
  const body = afterHeader(bytes, 0, 0x30)
  if (body === null) return false
  const [tag, length, version, next] = bytes.subarray(body)
  if (tag === 0x02 && length === 1) {
    // PKCS#8, PKCS#1 or DSA, SEC 1. A public RSA key begins with its long modulus instead.
    return (version === 0 || version === 1) && (next === 0x30 || next === 0x02 || next === 0x04)
  }
  return isEncryptedKey(bytes, body)
}

// SEQUENCE { SEQUENCE { OID …, … }, OCTET STRING }: EncryptedPrivateKeyInfo. No other accepted input has this shape.
function isEncryptedKey(bytes: Uint8Array, body: number): boolean {
  const algorithm = afterHeader(bytes, body, 0x30)
  if (algorithm === null || bytes[algorithm] !== 0x06) return false
  const length = bytes[body + 1] ?? 0
  const size = length < 0x80 ? length : readLong(bytes, body + 2, length & 0x7f)
  return bytes[algorithm + size] === 0x04
}

// Returns the offset of the content, in BER or DER; null for another tag.
function afterHeader(bytes: Uint8Array, offset: number, tag: number): number | null {
  const length = bytes[offset + 1]
  if (bytes[offset] !== tag || length === undefined) return null
  return offset + 2 + (length > 0x80 ? length & 0x7f : 0)
}

function readLong(bytes: Uint8Array, offset: number, count: number): number {
  return bytes.subarray(offset, offset + Math.min(count, 6)).reduce((value, byte) => value * 256 + byte, 0)
}
