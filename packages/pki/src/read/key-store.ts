// Recognises key stores by their first bytes and never opens them. Also runs in the browser, so it uses no Node.

/** Returns true for PKCS#12 (RFC 7292), also in BER, and for Java key stores (JKS, JCEKS). */
export function isKeyStore(bytes: Uint8Array): boolean {
  return isJavaStore(bytes) || isPkcs12(bytes)
}

/**
 * Returns true if the store certainly holds a key. PKCS#12 names the bag of an encrypted key in the clear, and Java
 * marks each entry. False does not mean that there is no key: a PKCS#12 can be encrypted as a whole.
 */
export function holdsKey(bytes: Uint8Array): boolean {
  return isJavaStore(bytes) ? hasJavaKey(bytes) : isPkcs12(bytes) && hasKeyBag(bytes)
}

function isJavaStore(bytes: Uint8Array): boolean {
  const magic = numberAt(bytes, 0, 4)
  return magic === 0xfeedfeed || magic === 0xcececece
}

// SEQUENCE { INTEGER 3, SEQUENCE …
function isPkcs12(bytes: Uint8Array): boolean {
  const first = bytes[1]
  if (bytes[0] !== 0x30 || first === undefined) return false
  const body = 2 + (first > 0x80 ? first & 0x7f : 0)
  const [tag, length, version, next] = bytes.subarray(body, body + 4)
  return tag === 0x02 && length === 1 && version === 3 && next === 0x30
}

/** The OID 1.2.840.113549.1.12.10.1. keyBag is its arc 1, pkcs8ShroudedKeyBag its arc 2. */
const bagTypes = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01]

function hasKeyBag(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(0x2a); at >= 0; at = bytes.indexOf(0x2a, at + 1)) {
    const kind = bytes[at + bagTypes.length]
    if ((kind === 1 || kind === 2) && bagTypes.every((byte, i) => bytes[at + i] === byte)) return true
  }
  return false
}

/** Skips entries with a certificate. Any other entry is a key. */
function hasJavaKey(bytes: Uint8Array): boolean {
  const count = numberAt(bytes, 8, 4)
  let at = 12
  for (let seen = 0; seen < count && at < bytes.length; seen++) {
    if (numberAt(bytes, at, 4) !== 2) return true
    // Tag, alias, time, certificate type, certificate.
    at += 4 + textLength(bytes, at + 4) + 8
    at += textLength(bytes, at)
    at += 4 + numberAt(bytes, at, 4)
  }
  return false
}

function textLength(bytes: Uint8Array, at: number): number {
  return 2 + numberAt(bytes, at, 2)
}

function numberAt(bytes: Uint8Array, at: number, count: number): number {
  return bytes.subarray(at, at + count).reduce((value, byte) => value * 256 + byte, 0)
}
