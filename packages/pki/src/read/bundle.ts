import { readBerCertificates } from './ber-container.ts'
import { bounds } from './bounds.ts'
import { DerError, expectTag, readChildren, readElementAt, readOid, readOnly, tags } from './der.ts'
import { type InputKind, kindOfBytes, kindOfLabel, kindOfText } from './input-kind.ts'
import { plainBase64, withoutNuls } from './input-text.ts'
import { isKeyStore } from './key-store.ts'
import { PkiError } from './pki-error.ts'
import { hasPrivateKeyShape, hasPrivateKeyText } from './private-key.ts'

/**
 * One block of a bundle: the DER of a certificate or of a PKCS#7 with several, or null if it is neither. `position`
 * counts from 1.
 */
export interface Block {
  der: Uint8Array | null
  position: number
  /** What the block is instead, if it was detected. */
  given: InputKind | null
}

/** Returns what the block is, unless it is of the expected kind. The bytes decide before the label does. */
export function unexpectedKind(asked: InputKind, block: Block | undefined): InputKind | null {
  const kind = (block?.der && kindOfBytes(block.der)) ?? block?.given ?? null
  return kind === asked ? null : kind
}

/** PEM labels of certificates (RFC 7468 §5.1, and older ones). */
export const certificateLabels = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE', 'PKCS7', 'CMS'] as const

/** The accepted size and labels. */
export interface BlockRules {
  maxBytes: number
  labels: readonly string[]
}

/**
 * Splits input into blocks without parsing them: PEM text with anything around it, base64 of DER, or DER. Throws
 * `PkiError`: `private_key` before any other fault, `empty`, `key_store`, `too_large`. Consume it completely before you
 * parse a block: only then it is certain that no block is a private key.
 */
export function* readBlocks(input: string | Uint8Array, { maxBytes, labels }: BlockRules): Generator<Block> {
  if (input.length === 0) throw new PkiError('empty')
  const isOversized = input.length > maxBytes
  const head = isOversized ? input.slice(0, maxBytes) : input
  const isBytes = typeof head !== 'string'
  if (isBytes) refuseKeys(head)
  const text = isBytes ? decodeText(head) : withoutNuls(head)
  if (hasPrivateKeyText(text)) throw new PkiError('private_key')
  if (isOversized) throw new PkiError('too_large')
  if (text.includes('-----BEGIN ')) yield* readPem(text, labels)
  else if (isBytes && head[0] === 0x30) yield { der: head, position: 1, given: kindOfBytes(head) }
  else yield* readBare(text, labels)
}

function refuseKeys(bytes: Uint8Array): void {
  if (hasPrivateKeyShape(bytes)) throw new PkiError('private_key')
  if (isKeyStore(bytes)) throw new PkiError('key_store')
}

// Latin-1 keeps the ASCII text inside DER; some Windows editors save UTF-16.
function decodeText(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'latin1'
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(encoding)
  // DER contains zero bytes itself.
  return bytes[0] === 0x30 ? text : withoutNuls(text)
}

// RFC 7468. Uses indexOf, not a regular expression: a thousand BEGIN lines without an END must not be searched a
// thousand times.
function* readPem(text: string, labels: readonly string[]): Generator<Block> {
  let position = 0
  for (let start = text.indexOf('-----BEGIN '); start >= 0; ) {
    position++
    const labelEnd = text.indexOf('-----', start + 11)
    const label = text.slice(start + 11, Math.min(labelEnd, start + 64))
    const next = labelEnd < 0 ? -1 : text.indexOf('-----BEGIN ', labelEnd + 5)
    const end = labelEnd < 0 ? -1 : text.indexOf('-----END ', labelEnd)
    if (end < 0 || (next >= 0 && next < end)) {
      yield { der: null, position, given: 'cut_off' }
      // Later blocks have no end either.
      if (end < 0) return
      start = next
      continue
    }
    // Also decoded under a refused label: the bytes may be a private key.
    const der = readBase64(text.slice(labelEnd + 5, end))
    const isWhole = der !== null && text.startsWith(`${label}-----`, end + 9)
    const isGood = isWhole && labels.includes(label)
    yield { der: isGood ? der : null, position, given: isWhole ? (kindOfLabel(label) ?? kindOfBytes(der)) : 'damaged' }
    start = text.indexOf('-----BEGIN ', end)
  }
}

/** Base64 without PEM lines: of DER, or of a PEM text, as in Kubernetes secrets. */
function* readBare(text: string, labels: readonly string[]): Generator<Block> {
  const trimmed = text.replace(/^(\u{feff}|\u{ef}\u{bb}\u{bf}|\u{ff}\u{fe}|\u{fe}\u{ff})/u, '').trim()
  if (trimmed === '') throw new PkiError('empty')
  const bytes = readBase64(trimmed)
  const inner = trimmed.startsWith(base64OfBegin) && bytes ? Buffer.from(bytes).toString('latin1') : ''
  if (inner.includes('-----BEGIN ')) yield* readPem(inner, labels)
  else yield { der: bytes, position: 1, given: bytes ? kindOfBytes(bytes) : kindOfText(trimmed) }
}

/** `-----BEGIN` in base64, without its last bits. */
const base64OfBegin = 'LS0tLS1CRUdJT'

/** Decodes base64 as it is, or after removing what mail programs, editors and JSON add. */
function readBase64(text: string): Uint8Array | null {
  return readPlainBase64(text) ?? readPlainBase64(plainBase64(text))
}

// Two patterns without backtracking: one pattern for both parts takes quadratic time on a text of spaces.
function readPlainBase64(text: string): Uint8Array | null {
  const padding = text.indexOf('=')
  if (/[^A-Za-z0-9+/=\s]/.test(text) || (padding >= 0 && /[^=\s]/.test(text.slice(padding)))) return null
  const bytes = Buffer.from(text, 'base64')
  if (hasPrivateKeyText(bytes.toString('latin1'))) throw new PkiError('private_key')
  refuseKeys(bytes)
  return bytes
}

/**
 * Returns the DER of the certificates in one block: the block itself, or the certificates of its PKCS#7 SignedData (RFC
 * 5652 §5.1). Throws `DerError`.
 */
export function openBlock(der: Uint8Array): Uint8Array[] {
  // Indefinite length: BER of a program that streams its output.
  if (der[0] === 0x30 && der[1] === 0x80) return readBerCertificates(der)
  const outer = expectTag(readElementAt(der, 0), tags.sequence)
  const [first, wrapped] = readChildren(outer)
  // OpenSSL's TRUSTED CERTIFICATE has trust settings after the certificate. They are ignored.
  if (first?.tag !== tags.oid) return [outer.raw, ...readRest(der, outer.raw.length)]
  if (readOid(first) !== '1.2.840.113549.1.7.2' || outer.raw.length !== der.length) throw new DerError('content type')
  const [signedData] = readChildren(expectTag(wrapped, 0xa0))
  const parts = readChildren(expectTag(signedData, tags.sequence))
  const certificates = parts.find(({ tag }) => tag === 0xa0)
  if (certificates === undefined) return []
  return readChildren(certificates, bounds.bundledCertificates).map(({ raw }) => raw)
}

function readRest(der: Uint8Array, offset: number): Uint8Array[] {
  if (offset < der.length) readOnly(der.subarray(offset), tags.sequence)
  return []
}
