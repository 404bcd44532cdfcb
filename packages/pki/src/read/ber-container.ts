// Rule: only the container of a PKCS#7 may be BER. The certificates inside keep their bytes and must be DER.
import { bounds } from './bounds.ts'
import { DerError, readOid } from './der.ts'

interface Part {
  tag: number
  /** All bytes of the element. */
  raw: Uint8Array
  content: Uint8Array
}

const maxDepth = 8
/** The certificates of one PKCS#7, and the elements around them. */
const maxParts = bounds.bundledCertificates + 1_000

/**
 * Returns the certificates of a SignedData (RFC 5652 §5.1) whose lengths may be indefinite, as streaming programs write
 * it. Throws `DerError`.
 */
export function readBerCertificates(bytes: Uint8Array): Uint8Array[] {
  const budget = { left: maxParts }
  const children = (part: Part | undefined, tag: number) => {
    if (part?.tag !== tag) throw new DerError('unexpected element')
    return readParts(part.content, budget, 0).parts
  }
  const outer = readPart(bytes, 0, budget, 0)
  if (outer.raw.length !== bytes.length) throw new DerError('trailing bytes')
  const [type, wrapped] = children(outer, 0x30)
  if (readOid(type) !== '1.2.840.113549.1.7.2') throw new DerError('content type')
  const [signedData] = children(wrapped, 0xa0)
  const certificates = children(signedData, 0x30).find(({ tag }) => tag === 0xa0)
  return certificates === undefined ? [] : children(certificates, 0xa0).map(({ raw }) => raw)
}

interface Budget {
  left: number
}

/** Returns the parts up to the end, or up to the two zero bytes that end an indefinite length. */
function readParts(bytes: Uint8Array, budget: Budget, depth: number): { parts: Part[]; end: number | null } {
  const parts: Part[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] === 0 && bytes[at + 1] === 0) return { parts, end: at }
    const part = readPart(bytes, at, budget, depth)
    parts.push(part)
    at += part.raw.length
  }
  return { parts, end: null }
}

function readPart(bytes: Uint8Array, at: number, budget: Budget, depth: number): Part {
  const [tag, first] = bytes.subarray(at, at + 2)
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw new DerError('cut off')
  if (budget.left-- === 0 || depth > maxDepth) throw new DerError('too many parts')
  if (first === 0x80) {
    const start = at + 2
    const { end } = readParts(bytes.subarray(start), budget, depth + 1)
    if (end === null || (tag & 0x20) === 0) throw new DerError('cut off')
    return { tag, raw: bytes.subarray(at, start + end + 2), content: bytes.subarray(start, start + end) }
  }
  const count = first < 0x80 ? 0 : first & 0x7f
  if (count > 4) throw new DerError('length')
  const start = at + 2 + count
  const length = count === 0 ? first : bytes.subarray(at + 2, start).reduce((value, byte) => value * 256 + byte, 0)
  if (start + length > bytes.length) throw new DerError('cut off')
  return { tag, raw: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) }
}
