// Rule: a private key is recognised before anything else is, also where it is mislabelled, cut off or not quite DER.
// Runs in the browser too: no Node.
import { holdsKey, isKeyStore } from './key-store.ts'

const words = ['PRIVATE KEY', 'PuTTY-User-Key-File']

/**
 * Whether text holds a private key: any PEM label that says so (PKCS#1, PKCS#8, SEC 1, OpenSSH, SSH2, PGP), PuTTY's, or a JWK. Also
 * true where a comment has these words: better to refuse a comment than to search for a label, which a hostile text can make slow.
 */
export function hasPrivateKeyText(text: string): boolean {
  return words.some((word) => text.includes(word)) || (/"kty"\s{0,9}:/.test(text) && /"[dk]"\s{0,9}:/.test(text))
}

/**
 * Whether binary input begins as a private key does: PKCS#8 plain (RFC 5958) and encrypted, PKCS#1 and DSA, SEC 1 (RFC 5915). Looks at
 * the first bytes only. A key store is one where it surely holds a key; see `isKeyStore` for the others.
 */
export function hasPrivateKeyShape(bytes: Uint8Array): boolean {
  if (isKeyStore(bytes)) return holdsKey(bytes)
  const body = afterHeader(bytes, 0, 0x30)
  if (body === null) return false
  const [tag, length, version, next] = bytes.subarray(body)
  if (tag === 0x02 && length === 1) {
    // PKCS#8, PKCS#1 or DSA (a public RSA key begins with its long modulus), SEC 1.
    return (version === 0 || version === 1) && (next === 0x30 || next === 0x02 || next === 0x04)
  }
  return isEncryptedKey(bytes, body)
}

// SEQUENCE { SEQUENCE { OID …, … }, OCTET STRING }: EncryptedPrivateKeyInfo. Nothing else we are given has this shape.
function isEncryptedKey(bytes: Uint8Array, body: number): boolean {
  const algorithm = afterHeader(bytes, body, 0x30)
  if (algorithm === null || bytes[algorithm] !== 0x06) return false
  const length = bytes[body + 1] ?? 0
  const size = length < 0x80 ? length : readLong(bytes, body + 2, length & 0x7f)
  return bytes[algorithm + size] === 0x04
}

// Where the content begins, in BER or DER; null for another tag.
function afterHeader(bytes: Uint8Array, offset: number, tag: number): number | null {
  const length = bytes[offset + 1]
  if (bytes[offset] !== tag || length === undefined) return null
  return offset + 2 + (length > 0x80 ? length & 0x7f : 0)
}

function readLong(bytes: Uint8Array, offset: number, count: number): number {
  return bytes.subarray(offset, offset + Math.min(count, 6)).reduce((value, byte) => value * 256 + byte, 0)
}
