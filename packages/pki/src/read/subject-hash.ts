/** The names under which OpenSSL looks up a CA certificate in a directory (`capath`): `<hash>.0`, `<hash>.1` and so on. */
import { createHash } from 'node:crypto'
import { readFields } from './certificate-fields.ts'
import { DerError, type Element, expectTag, readChildren, readOnly, tags } from './der.ts'
import { readText } from './distinguished-name.ts'

/**
 * Returns what `openssl x509 -subject_hash` prints for this certificate (DER): eight lower-case hex digits. OpenSSL 1.0 and later
 * look up this hash. Names that differ only in ASCII case, in spaces or in the string type have the same hash. Throws `DerError`.
 */
export function subjectHash(der: Uint8Array): string {
  const relativeNames = readChildren(readOnly(readFields(der).subject, tags.sequence)).map((relativeName) => {
    const attributes = readChildren(expectTag(relativeName, tags.set)).map(canonicalAttribute)
    // DER sorts the members of a SET OF (X.690 §11.6).
    return encode(tags.set, attributes.toSorted(Buffer.compare))
  })
  return firstFourBytes(createHash('sha1').update(Buffer.concat(relativeNames)).digest())
}

/** Returns what `openssl x509 -subject_hash_old` prints: the hash of OpenSSL 0.9.8, which some tools still look up. Throws `DerError`. */
export function oldSubjectHash(der: Uint8Array): string {
  return firstFourBytes(createHash('md5').update(readFields(der).subject).digest())
}

/** OpenSSL prints the first four bytes as a little-endian number. */
function firstFourBytes(digest: Buffer): string {
  return digest.readUInt32LE(0).toString(16).padStart(8, '0')
}

/** `ASN1_MASK_CANON` of OpenSSL. A value of another type is hashed as it is. */
const foldedTags: readonly number[] = [
  tags.utf8String,
  tags.printableString,
  tags.teletexString,
  tags.ia5String,
  tags.visibleString,
  tags.bmpString,
  tags.universalString,
]

function canonicalAttribute(attribute: Element): Buffer {
  const [type, value] = readChildren(expectTag(attribute, tags.sequence))
  if (!type || !value) throw new DerError('name')
  const text = foldedTags.includes(value.tag) ? readText(value) : null
  const canonical = text === null ? value.raw : encode(tags.utf8String, [Buffer.from(fold(text))])
  return encode(tags.sequence, [type.raw, canonical])
}

/** Only ASCII counts, as in `asn1_string_canon` of OpenSSL. */
function fold(text: string): string {
  const lowered = text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  return lowered.replaceAll(/[\t-\r ]+/g, ' ').replace(/^ | $/g, '')
}

/** Returns one DER element (X.690 §8.1). */
function encode(tag: number, parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content])
  const hex = content.length.toString(16)
  const length = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content])
}
