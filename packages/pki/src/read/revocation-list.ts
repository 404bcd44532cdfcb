// Reads uploaded CRLs and judges whether an authority issued them. Node only.
// Rule: a CRL applies only if the key that it is for signed it and every critical extension in it is supported.
import { setImmediate } from 'node:timers/promises'
import { SerialNumberSet, type SerialNumbers } from '../judge/revocations.ts'
import { importKey, isSignedByInBackground, readKey, readSignature } from './algorithms.ts'
import { readBlocks, unexpectedKind } from './bundle.ts'
import { fingerprintOf, readFields, readTime, toHex } from './certificate-fields.ts'
import { DerError, readOnly, TooLargeError, tags } from './der.ts'
import { formatName, isSameName, nameKey } from './distinguished-name.ts'
import { readAuthorityKeyIdentifier, readExtensions } from './extensions.ts'
import { PkiError } from './pki-error.ts'
import {
  type RevocationListFields,
  type RevokedEntry,
  readEntryAt,
  readRevocationListFields,
  readScope,
} from './revocation-list-fields.ts'
import { createYielder } from './yielder.ts'

/** Why a CRL is refused, in the order of the checks. */
export const revocationListProblems = [
  'delta',
  'indirect',
  'attributes_only',
  'unknown_critical_extension',
  'unsupported_signature',
  'weak_signature',
  'wrong_issuer',
  'not_a_list_signer',
  'bad_signature',
  'not_yet_valid',
] as const

export type RevocationListProblem = (typeof revocationListProblems)[number]

/** A parsed CRL whose issuer is not verified yet. Its texts are for display. */
export interface RevocationList {
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string
  der: Uint8Array
  /** RFC 4514 text. */
  issuer: string
  /** The comparable form of the issuer's name; see `nameKey`. */
  issuerName: string
  /** Lower-case hex; null if the CRL has none. */
  issuerKeyIdentifier: string | null
  /** Decimal; null if the CRL has none (RFC 5280 §5.2.3 requires one, the defaults of OpenSSL leave it out). */
  number: string | null
  thisUpdate: Date
  nextUpdate: Date | null
  /**
   * Identifies the part of the issuer's certificates that the CRL covers; empty: all of them. A new CRL replaces one of
   * the same scope.
   */
  scope: string
  /** The number of revoked certificates. */
  count: number
  signatureAlgorithm: string
  revoked: SerialNumbers
  /** Why the CRL cannot be used for any authority. */
  problem: RevocationListProblem | null
  fields: RevocationListFields
}

const labels = ['X509 CRL', 'CRL']

const oids = {
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  issuingDistributionPoint: '2.5.29.28',
  deltaIndicator: '2.5.29.27',
  number: '2.5.29.20',
  certificateIssuer: '2.5.29.29',
  authorityKeyIdentifier: '2.5.29.35',
} as const

const understood: ReadonlySet<string> = new Set([
  oids.number,
  oids.issuingDistributionPoint,
  oids.deltaIndicator,
  oids.authorityKeyIdentifier,
])
const understoodInEntries: ReadonlySet<string> = new Set([oids.reasonCode, oids.invalidityDate, oids.certificateIssuer])

/**
 * Reads one CRL: PEM with anything around it, base64 of DER, or DER. Lets the event loop run at least every 10 ms,
 * except while decoding the text. Throws only `PkiError`.
 */
export async function readRevocationList(input: string | Uint8Array, maxBytes: number): Promise<RevocationList> {
  // The caller has just parsed the same amount of JSON. A pause between the two halves the time for which the thread is
  // blocked.
  await setImmediate()
  const [block, ...more] = [...readBlocks(input, { maxBytes, labels })]
  if (!block?.der || more.length > 0) {
    const given = more.length > 0 ? null : unexpectedKind('revocation_list', block)
    throw new PkiError('not_a_revocation_list', more.length > 0 ? 2 : null, given)
  }
  try {
    return await openRevocationList(block.der)
  } catch (error) {
    // The message may contain parts of the input.
    if (error instanceof TooLargeError) throw new PkiError('too_large')
    if (error instanceof DerError)
      throw new PkiError('not_a_revocation_list', null, unexpectedKind('revocation_list', block))
    throw error
  }
}

/** The same for DER that was read before. Rejects with `DerError` if it is not a CRL. */
export async function openRevocationList(der: Uint8Array): Promise<RevocationList> {
  await setImmediate()
  // A plain Uint8Array: views of a Buffer cost several times as much, and each entry needs five.
  const fields = readRevocationListFields(new Uint8Array(der.buffer, der.byteOffset, der.length))
  const { extensions } = fields
  const scope = extensions.get(oids.issuingDistributionPoint)?.value
  const identifier = extensions.get(oids.authorityKeyIdentifier)?.value
  const { revoked, count, problem } = await readEntries(fields)
  return {
    fingerprint: fingerprintOf(der),
    der,
    issuer: formatName(fields.issuer),
    issuerName: nameKey(fields.issuer),
    issuerKeyIdentifier: identifier === undefined ? null : readAuthorityKeyIdentifier(identifier),
    number: readNumber(extensions.get(oids.number)?.value),
    thisUpdate: new Date(fields.thisUpdate),
    nextUpdate: fields.nextUpdate === null ? null : new Date(fields.nextUpdate),
    scope: scope === undefined ? '' : fingerprintOf(scope),
    count,
    signatureAlgorithm: readSignature(fields.signatureAlgorithm).label,
    revoked,
    problem: problemOfWhole(fields) ?? problem,
    fields,
  }
}

function problemOfWhole({ extensions }: RevocationListFields): RevocationListProblem | null {
  // RFC 5280 §5.2.4: a certificate that a delta leaves out may still be revoked.
  if (extensions.has(oids.deltaIndicator)) return 'delta'
  const point = extensions.get(oids.issuingDistributionPoint)
  const { isIndirect, isAboutAttributes } = point
    ? readScope(point.value)
    : { isIndirect: false, isAboutAttributes: false }
  if (isIndirect) return 'indirect'
  if (isAboutAttributes) return 'attributes_only'
  return hasUnknown(extensions, understood) ? 'unknown_critical_extension' : null
}

function hasUnknown(extensions: RevocationListFields['extensions'], known: ReadonlySet<string>): boolean {
  for (const [oid, { critical }] of extensions) if (critical && !known.has(oid)) return true
  return false
}

// RFC 5280 §5.2.3: at most 20 octets. A negative number would be older than every other.
function readNumber(value: Uint8Array | undefined): string | null {
  if (value === undefined) return null
  const { content } = readOnly(value, tags.integer)
  if (content.length === 0 || content.length > 21 || (content[0] ?? 0) & 0x80) throw new DerError('number')
  return BigInt(`0x${toHex(content)}`).toString()
}

async function readEntries(fields: RevocationListFields) {
  const yieldIfDue = createYielder()
  const revoked = new SerialNumberSet()
  let problem: RevocationListProblem | null = null
  for (let offset = 0; offset < fields.entries.length; ) {
    const [entry, next] = readEntryAt(fields, offset)
    offset = next
    // The entry is about certificates of another issuer: RFC 5280 §5.3.3.
    if (entry.extensions.has(oids.certificateIssuer)) problem ??= 'indirect'
    if (hasUnknown(entry.extensions, understoodInEntries)) problem ??= 'unknown_critical_extension'
    // As in OpenSSL: an entry with the reason removeFromCRL revokes nothing. All others revoke at once, whatever their
    // date.
    if (!isRemoval(entry)) revoked.add(entry.serialNumber)
    await yieldIfDue()
  }
  return { revoked, count: revoked.size, problem }
}

const removeFromList = 8

// Both extensions are read although only one decides: a malformed CRL is refused as a whole.
function isRemoval({ extensions }: RevokedEntry): boolean {
  const invalidityDate = extensions.get(oids.invalidityDate)
  if (invalidityDate) readTime(readOnly(invalidityDate.value, tags.generalizedTime))
  const reason = extensions.get(oids.reasonCode)
  if (!reason) return false
  const { content } = readOnly(reason.value, tags.enumerated)
  if (content.length !== 1 || (content[0] ?? 0xff) > 10) throw new DerError('reason')
  return content[0] === removeFromList
}

/**
 * Judges whether this authority issued the CRL and whether it may be used. `authority`: DER of its certificate,
 * readable. `latest`: the latest accepted `thisUpdate`; the caller adds the allowed clock skew. Returns null if the CRL
 * is accepted.
 * The signature decides (RFC 5280 §6.3.3 f and g). Names and key identifiers only say what went wrong if it does not
 * match.
 */
export async function judgeRevocationList(
  list: RevocationList,
  authority: Uint8Array,
  latest: Date,
): Promise<RevocationListProblem | null> {
  if (list.problem) return list.problem
  const signature = readSignature(list.fields.signatureAlgorithm)
  if (!signature.isSupported) return 'unsupported_signature'
  if (signature.isWeak) return 'weak_signature'
  const fields = readFields(authority)
  if (!isSameName(list.fields.issuer, fields.subject)) return 'wrong_issuer'
  const { keyUsage, subjectKeyIdentifier } = readExtensions(fields)
  if (keyUsage !== null && !keyUsage.includes('cRLSign')) return 'not_a_list_signer'
  if (!(await isSignedByInBackground(list.fields, importKey(fields.spki, readKey(fields.spki))))) {
    const { issuerKeyIdentifier: named } = list
    const isAnother = named !== null && subjectKeyIdentifier !== null && named !== subjectKeyIdentifier
    return isAnother ? 'wrong_issuer' : 'bad_signature'
  }
  return list.thisUpdate > latest ? 'not_yet_valid' : null
}

/** Returns true if `next` is older than `held`, by its number or its date. RFC 5280 §5.2.3: both only rise. */
export function isOlderList(
  next: Pick<RevocationList, 'number' | 'thisUpdate'>,
  held: Pick<RevocationList, 'number' | 'thisUpdate'>,
): boolean {
  if (next.thisUpdate < held.thisUpdate) return true
  // A CRL that lost its number cannot be compared by it, so it counts as older.
  return held.number !== null && (next.number === null || BigInt(next.number) < BigInt(held.number))
}
