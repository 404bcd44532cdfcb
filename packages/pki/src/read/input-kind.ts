// Detects what a person uploaded instead of the expected thing. Looks only at labels and first bytes, and only the text
// of a refusal depends on it. Also runs in the browser, so it uses no Node.

export const inputKinds = [
  'certificate',
  'certificate_request',
  'revocation_list',
  'public_key',
  'ssh_key',
  'pgp',
  'parameters',
  'cut_off',
  'damaged',
  'zip',
  'pdf',
  'html',
] as const
export type InputKind = (typeof inputKinds)[number]

const kindsOfLabels: Record<string, InputKind> = {
  CERTIFICATE: 'certificate',
  'X509 CERTIFICATE': 'certificate',
  'TRUSTED CERTIFICATE': 'certificate',
  PKCS7: 'certificate',
  CMS: 'certificate',
  'CERTIFICATE REQUEST': 'certificate_request',
  'NEW CERTIFICATE REQUEST': 'certificate_request',
  'X509 CRL': 'revocation_list',
  CRL: 'revocation_list',
  'PUBLIC KEY': 'public_key',
  'RSA PUBLIC KEY': 'public_key',
  'SSH2 PUBLIC KEY': 'ssh_key',
  'DH PARAMETERS': 'parameters',
  'X9.42 DH PARAMETERS': 'parameters',
  'DSA PARAMETERS': 'parameters',
  'EC PARAMETERS': 'parameters',
}

/** Returns the kind that a PEM label names (RFC 7468), or null. */
export function kindOfLabel(label: string): InputKind | null {
  return label.startsWith('PGP ') ? 'pgp' : (kindsOfLabels[label] ?? null)
}

const zipHeads = [3, 5, 7].map((third) => `PK${String.fromCharCode(third)}`)

/**
 * Returns the kind of a text without a PEM block, or null. Looks at its beginning, and for the rest of a damaged block.
 */
export function kindOfText(text: string): InputKind | null {
  const head = text.slice(0, 512).trimStart()
  if (
    /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-\S{1,20}|sk-(ssh|ecdsa)-\S{1,40}|---- BEGIN SSH2 PUBLIC KEY) /.test(`${head} `)
  )
    return 'ssh_key'
  if (head.startsWith('%PDF')) return 'pdf'
  if (zipHeads.some((start) => head.startsWith(start))) return 'zip'
  if (/^<(!doctype html|html|head|body|\?xml)/i.test(head)) return 'html'
  if (text.includes('-----END ')) return 'cut_off'
  return text.includes('BEGIN CERTIFICATE') || text.includes('BEGIN X509') ? 'damaged' : null
}

/**
 * Returns the kind of binary input, or null: DER by its first elements (X.690), other formats by their magic numbers.
 */
export function kindOfBytes(bytes: Uint8Array): InputKind | null {
  const [first, second, third] = bytes
  if (first === 0x50 && second === 0x4b && third !== undefined && [3, 5, 7].includes(third)) return 'zip'
  if (first === 0x25 && second === 0x50 && third === 0x44) return 'pdf'
  const outer = headerAt(bytes, 0)
  if (outer?.tag !== 0x30) return null
  if (outer.end > bytes.length) return 'cut_off'
  const inner = headerAt(bytes, outer.start)
  // PKCS#7 starts with the type of its content.
  if (inner?.tag === 0x06) return 'certificate'
  // PKCS#1: a long modulus and an exponent.
  if (inner?.tag === 0x02) return inner.end - inner.start > 32 ? 'public_key' : null
  return inner?.tag === 0x30 ? kindOfSigned(bytes, inner) : null
}

// SEQUENCE { SEQUENCE …: the signed part, or the algorithm of a key. Decides by the first tags of RFC 5280 §4.1 and
// §5.1 and RFC 2986 §4.1.
function kindOfSigned(bytes: Uint8Array, inner: Header): InputKind | null {
  const parts: number[] = []
  for (let at = inner.start; at < inner.end && parts.length < 5; ) {
    const part = headerAt(bytes, at)
    if (!part) break
    parts.push(part.tag)
    at = part.end
  }
  const [first, second, third, fourth] = parts
  if (first === 0x06) return headerAt(bytes, inner.end)?.tag === 0x03 ? 'public_key' : null
  if (first === 0xa0) return 'certificate'
  if ((first === 0x02 && isTime(fourth)) || (first === 0x30 && isTime(third))) return 'revocation_list'
  if (first !== 0x02 || second !== 0x30 || third !== 0x30) return null
  return fourth === 0x30 ? 'certificate' : 'certificate_request'
}

function isTime(tag: number | undefined): boolean {
  return tag === 0x17 || tag === 0x18
}

interface Header {
  tag: number
  /** Offsets of the content. */
  start: number
  end: number
}

function headerAt(bytes: Uint8Array, at: number): Header | null {
  const [tag, first] = bytes.subarray(at, at + 2)
  if (tag === undefined || first === undefined) return null
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first }
  const count = first & 0x7f
  const start = at + 2 + count
  // BER with an indefinite length: the end is not known here.
  if (count === 0) return { tag, start, end: bytes.length }
  if (count > 4) return null
  const length = bytes.subarray(at + 2, start).reduce((value, byte) => value * 256 + byte, 0)
  return { tag, start, end: start + length }
}
