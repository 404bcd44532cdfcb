// Rule: a client certificate is trusted only if at least one path to an authority in the trust store satisfies every
// rule at this moment. The broker, the certificate check and the explanation of a refusal all call this function. Node
// only.
// The option `ca` of node:tls is not used: OpenSSL gives no reason for a refusal, tries only one of two authorities
// with the same subject, and with 1,000 authorities sends a list in each handshake that clients refuse.
import { bounds } from '../read/bounds.ts'
import { formatName } from '../read/distinguished-name.ts'
import { type ParsedCertificate, parseCertificate, type UnreadableReason } from '../read/parsed-certificate.ts'
import { serialNumberOf } from '../read/serial-number.ts'
import { type AuthorityLimit, limitsOn } from './key-limits.ts'
import { findFault, type Path, type PathFacts, type PathFault, type PathProblem, pathProblems } from './path-rules.ts'
import { findIssuers, findPaths } from './path-search.ts'
import { pathValidUntil, type RevocationFacts, revokingKey } from './revocation-rules.ts'
import type { TrustStore } from './trust-store.ts'

export type { AuthorityLimit } from './key-limits.ts'
export { type Anchor, makeTrustStore, makeTrustStoreInSlices, type TrustStore } from './trust-store.ts'

export type ChainProblem =
  | PathProblem
  | UnreadableReason
  | 'no_certificate'
  | 'too_many_certificates'
  | 'empty_trust_store'
  | 'unknown_authority'
  | 'bad_signature'
  | 'unsupported_signature'

/** One certificate of an accepted path. */
export interface PathCertificate {
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string
  /** SHA-256 of its SubjectPublicKeyInfo, lower-case hex. */
  keyFingerprint: string
  /**
   * SHA-256 of the key that signed it, lower-case hex; null for the anchor. With the serial number it names a
   * revocation.
   */
  issuerKeyFingerprint: string | null
  /** The comparable form of the issuer's name; see `nameKey`. */
  issuerName: string
  /** Lower-case hex. */
  serialNumber: string
  /** RFC 4514 text. */
  subject: string
  notBefore: Date
  notAfter: Date
}

/** One accepted path, and the username limits that apply to it. */
export interface TrustedPath {
  /** Fingerprint of the anchor, which is the last certificate of the path. */
  authority: string
  /** The username must match every one of these limits. */
  limits: readonly AuthorityLimit[]
  /** Leaf first, anchor last. */
  path: PathCertificate[]
  /** The earliest end of validity of any certificate on the path, the anchor included, and of any CRL that was used. */
  validUntil: Date
}

/** The accepted path with the fewest limits, and the other accepted paths. */
export interface TrustedVerdict extends TrustedPath {
  trusted: true
  leafFingerprint: string
  /** Fingerprints of all anchors whose key is on the first path. */
  authorities: string[]
  /**
   * The client may be admitted by any of them, so that a limit on an extra certificate that the client sent, or on a limited
   * intermediate, does not shut it out. A path that adds nothing to another one is left out.
   */
  otherPaths: readonly TrustedPath[]
}

/** Why no path was accepted. */
export interface RefusedVerdict {
  trusted: false
  leafFingerprint: string | null
  reason: ChainProblem
  /** RFC 4514 text of the certificate that caused the refusal. */
  subject?: string
  /** Fingerprint of the authority at the end of the refused path, where there is one. */
  authority?: string
  /** Present where the reason is `revoked`. */
  revocation?: RevocationName
  /** One path only waits for a `notBefore`, so the verdict may change later. */
  mayPassLater?: true
}

export type ChainVerdict = TrustedVerdict | RefusedVerdict

/**
 * Names a revocation: SHA-256 of the key that signed the certificate, and the serial number without leading zeros, both
 * in lower-case hex.
 */
export interface RevocationName {
  issuerKey: string
  serialNumber: string
}

/** The presented certificates, and the facts to judge them by. */
export interface ChainInput extends PathFacts {
  /** DER, as the client sent them: the leaf first, the others in any order. */
  presented: readonly Uint8Array[]
}

/**
 * Judges the certificates that a TLS client presented at the time `at`, by RFC 5280 §6.1, and tries every path (RFC
 * 4158). Limits: `bounds`, 8 certificates in a path, 24 signature checks. Never throws. If no path is good, the verdict
 * has the reason of the path that failed last in the order of `pathProblems`.
 */
export function judgeChain({ presented, ...facts }: ChainInput): ChainVerdict {
  const { trustStore } = facts
  const [first, ...others] = presented
  if (first === undefined) return refuse(null, 'no_certificate')
  if (presented.length > bounds.presentedCertificates) return refuse(null, 'too_many_certificates')
  // Must come before hashing and parsing: the cost of a refusal must not grow with what an unknown client sends.
  if (isTooLarge(presented)) return refuse(null, 'certificate_too_large')
  const made = parseCertificate(first)
  if (typeof made === 'string') return refuse(null, made)
  if (trustStore.size === 0) return refuse(made, 'empty_trust_store')
  const leaf = trustStore.byFingerprint.get(made.fingerprint)?.certificate() ?? made

  const read = others.map(parseCertificate)
  const bundle = distinct([leaf, ...read.filter((certificate) => typeof certificate !== 'string')], trustStore)
  const { issuers, badlySigned, unverifiable, isExhausted } = findIssuers(bundle, trustStore)
  const faults: PathFault[] = []
  const good: Path[] = []
  for (const path of findPaths(leaf, issuers, trustStore)) {
    const fault = findFault(path, facts)
    if (fault) faults.push(fault)
    else good.push(path)
  }
  if (good.length > 0) return accept(good, facts)
  const fault = furthestFault(faults)
  if (fault) return { ...refuseFor(leaf, fault), ...waitOf(faults) }
  if (isExhausted) return refuse(leaf, 'too_many_certificates')
  if (badlySigned) return refuse(leaf, 'bad_signature', badlySigned)
  if (unverifiable) return refuse(leaf, 'unsupported_signature', unverifiable)
  const unreadable = read.find((certificate) => typeof certificate === 'string')
  return unreadable ? refuse(leaf, unreadable) : refuse(leaf, 'unknown_authority', leaf)
}

/**
 * Returns true if these certificates have more bytes than are read before a client is trusted
 * (`bounds.presentedBytes`).
 */
export function isTooLarge(presented: readonly Uint8Array[]): boolean {
  return presented.reduce((sum, der) => sum + der.length, 0) > bounds.presentedBytes
}

// Only this fault ends with time. A path with any other fault stays refused.
function waitOf(faults: readonly PathFault[]): { mayPassLater?: true } {
  return faults.some(({ reason }) => reason === 'not_yet_valid') ? { mayPassLater: true } : {}
}

/**
 * Renews an earlier verdict under the same trust store with the current revocations: a few look-ups instead of
 * signature checks. Returns null if the verdict no longer holds; another path may be good, so call `judgeChain` then.
 */
export function renewVerdict(
  verdict: TrustedVerdict,
  { trustStore, revocations }: RevocationFacts,
  at: Date,
): TrustedVerdict | null {
  const paths = trustedPaths(verdict).flatMap((path) => renewPath(path, { trustStore, revocations }, at) ?? [])
  const [first, ...otherPaths] = paths
  // A path that is no longer good may have hidden another one with more limits.
  return first && otherPaths.length === verdict.otherPaths.length ? { ...verdict, ...first, otherPaths } : null
}

/** Returns all accepted paths of a verdict, the one with the fewest limits first. */
export function trustedPaths(verdict: TrustedVerdict): TrustedPath[] {
  return [verdict, ...verdict.otherPaths]
}

function renewPath(
  { authority, limits, path }: TrustedPath,
  { trustStore, revocations }: RevocationFacts,
  at: Date,
): TrustedPath | null {
  const anchor = trustStore.byFingerprint.get(authority)?.certificate()
  const isGood = path.every(
    ({ issuerKeyFingerprint: key, issuerName, serialNumber }) =>
      key === null ||
      // Whether a CRL of another key with the same name applies is not known here.
      (!revocations.isRevoked(key, serialNumber) && revocations.crlsOfOtherKeys(issuerName, key).length === 0),
  )
  if (!anchor || !isGood || revokingKey([anchor], 0, { trustStore, revocations }) !== null) return null
  const keys = path.map(({ issuerKeyFingerprint }) => issuerKeyFingerprint).filter((key) => key !== null)
  const validUntil = endOf(path, Math.min(...keys.map((key) => revocations.crlsValidUntil(key))))
  return at <= validUntil ? { authority, limits, path, validUntil } : null
}

// An anchor that the client sent is taken from the store instead.
function distinct(certificates: ParsedCertificate[], trustStore: TrustStore): ParsedCertificate[] {
  const byFingerprint = new Map<string, ParsedCertificate>()
  for (const certificate of certificates) {
    if (!trustStore.byFingerprint.has(certificate.fingerprint) && !byFingerprint.has(certificate.fingerprint)) {
      byFingerprint.set(certificate.fingerprint, certificate)
    }
  }
  return [...byFingerprint.values()]
}

function furthestFault(faults: PathFault[]): PathFault | undefined {
  return faults.toSorted((a, b) => pathProblems.indexOf(b.reason) - pathProblems.indexOf(a.reason))[0]
}

function refuse(leaf: ParsedCertificate | null, reason: ChainProblem, culprit?: ParsedCertificate): RefusedVerdict {
  const subject = culprit === undefined ? {} : { subject: formatName(culprit.fields.subject) }
  return { trusted: false, leafFingerprint: leaf?.fingerprint ?? null, reason, ...subject }
}

function refuseFor(leaf: ParsedCertificate, fault: PathFault): RefusedVerdict {
  const { reason, certificate, revokedBy, anchor } = fault
  const verdict = { ...refuse(leaf, reason, certificate), authority: anchor.fingerprint }
  if (revokedBy === null) return verdict
  return {
    ...verdict,
    revocation: { issuerKey: revokedBy, serialNumber: serialNumberOf(certificate.fields.serialNumber) },
  }
}

const maxTrustedPaths = 16

interface AcceptedPath {
  path: Path
  limits: AuthorityLimit[]
}

function accept(paths: Path[], facts: RevocationFacts): ChainVerdict {
  const { trustStore } = facts
  const ranked = paths.map((path) => ({ path, limits: limitsOn(path, trustStore) }))
  const kept: AcceptedPath[] = []
  for (const each of ranked.toSorted((a, b) => a.limits.length - b.limits.length)) {
    if (kept.length < maxTrustedPaths && !kept.some((other) => isRedundant(each, other))) kept.push(each)
  }
  const [first, ...otherPaths] = kept.map((each) => describe(each, facts))
  const [least] = kept
  if (!first || !least) return refuse(null, 'unknown_authority')
  return {
    ...first,
    trusted: true,
    leafFingerprint: first.path[0]?.fingerprint ?? '',
    authorities: authoritiesOn(least.path, trustStore),
    otherPaths,
  }
}

/**
 * Returns true if `other` admits each client that `path` admits: its limits are among those of `path`, and it has no limit
 * of its own where `path` ends at another anchor. The anchor's own limit always applies. The limit of another authority may
 * not apply, if the person who set it does not cover the user.
 */
function isRedundant(path: AcceptedPath, other: AcceptedPath): boolean {
  const limits = new Set(path.limits.map(({ authority }) => authority))
  const [end, otherEnd] = [path, other].map((each) => each.path.at(-1)?.fingerprint)
  const hasOwnLimit = other.limits.some(({ authority }) => authority === otherEnd)
  return other.limits.every(({ authority }) => limits.has(authority)) && (!hasOwnLimit || end === otherEnd)
}

function authoritiesOn(path: Path, { byKey }: TrustStore): string[] {
  const anchors = [...keysOf(path)].flatMap((key) => byKey.get(key) ?? [])
  return [...new Set(anchors.map(({ fingerprint }) => fingerprint))]
}

function keysOf(path: Path): Set<string> {
  return new Set(path.map(({ keyFingerprint }) => keyFingerprint))
}

function describe({ path, limits }: { path: Path; limits: AuthorityLimit[] }, facts: RevocationFacts): TrustedPath {
  const certificates = path.map((certificate, index) => describeCertificate(certificate, path[index + 1]))
  return {
    authority: path.at(-1)?.fingerprint ?? '',
    limits,
    path: certificates,
    validUntil: endOf(certificates, pathValidUntil(path, facts)),
  }
}

function endOf(path: readonly PathCertificate[], listsEnd: number): Date {
  return new Date(Math.min(...path.map(({ notAfter }) => notAfter.getTime()), listsEnd))
}

function describeCertificate(certificate: ParsedCertificate, issuer: ParsedCertificate | undefined): PathCertificate {
  return {
    fingerprint: certificate.fingerprint,
    keyFingerprint: certificate.keyFingerprint,
    issuerKeyFingerprint: issuer?.keyFingerprint ?? null,
    issuerName: certificate.issuerKey,
    serialNumber: certificate.fields.serialNumber,
    subject: formatName(certificate.fields.subject),
    notBefore: new Date(certificate.fields.notBefore),
    notAfter: new Date(certificate.fields.notAfter),
  }
}
