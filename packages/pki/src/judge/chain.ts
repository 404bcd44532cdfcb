// Rule: a client certificate counts only if one path to an authority in the trust store satisfies every rule at this moment.
// This is the one function that admits, checks and explains. Node only.
// `ca` of node:tls is not used: OpenSSL gives no reason, tries one of two authorities with the same subject, and with 1,000 of them
// sends a list in each handshake that clients refuse.
import { bounds } from '../read/bounds.ts'
import { formatName } from '../read/distinguished-name.ts'
import { type Link, readLink, type Unreadable } from '../read/link.ts'
import { serialNumberOf } from '../read/serial-number.ts'
import { type AuthorityLimit, limitsOn } from './key-limits.ts'
import {
  type Circumstances,
  findFault,
  type Path,
  type PathFault,
  type PathProblem,
  pathProblems,
} from './path-rules.ts'
import { findIssuers, findPaths } from './path-search.ts'
import { pathGoodUntil, type RevocationFacts, revokingKey } from './revocation-rules.ts'
import type { TrustStore } from './trust-store.ts'

export type { AuthorityLimit } from './key-limits.ts'
export { type Anchor, makeTrustStore, makeTrustStoreInSlices, type TrustStore } from './trust-store.ts'

export type ChainProblem =
  | PathProblem
  | Unreadable
  | 'no_certificate'
  | 'too_many_certificates'
  | 'empty_trust_store'
  | 'unknown_authority'
  | 'bad_signature'
  | 'unsupported_signature'

/** One certificate of the accepted path. */
export interface PathLink {
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string
  /** SHA-256 of its SubjectPublicKeyInfo, lower-case hex. */
  keyFingerprint: string
  /** The key that signed it; null for the anchor. With the serial number this is what a revocation names. */
  issuerKeyFingerprint: string | null
  /** The name of that key's holder; see `nameKey`. */
  issuerName: string
  /** Lower-case hex. */
  serialNumber: string
  /** RFC 4514 text. */
  subject: string
  notBefore: Date
  notAfter: Date
}

/** One accepted path, and for whom it counts. */
export interface TrustedWay {
  /** Fingerprint of the anchor at the end of the path. */
  authority: string
  /** The username must be within all of them. */
  limits: readonly AuthorityLimit[]
  /** Leaf first, anchor last. */
  path: PathLink[]
  /** The earliest end of any link, the anchor included, and of any list that was leaned on. */
  validUntil: Date
}

/** The least limited way, and the others. */
export interface TrustedVerdict extends TrustedWay {
  trusted: true
  leafFingerprint: string
  /** Fingerprints of every anchor whose key is on the first way. */
  authorities: string[]
  /**
   * None is limited by all that limits another one. The client may come in by any of them: a limit on a detour that it need not have sent
   * does not keep it out.
   */
  otherWays: readonly TrustedWay[]
}

export interface RefusedVerdict {
  trusted: false
  leafFingerprint: string | null
  reason: ChainProblem
  /** RFC 4514 text of the certificate that is at fault. */
  subject?: string
  /** Fingerprint of the authority that the chain leads to all the same. */
  authority?: string
  /** Where the reason is `revoked`. */
  revocation?: RevocationName
  /** A path waits only for its `notBefore`, so a later moment may have another verdict. */
  mayPassLater?: true
}

export type ChainVerdict = TrustedVerdict | RefusedVerdict

/** What a revocation names: the key that signed, as SHA-256, and the number without leading zeros; both in lower-case hex. */
export interface RevocationName {
  issuerKey: string
  serialNumber: string
}

export interface ChainInput extends Circumstances {
  /** DER, the leaf first, the rest in any order, as the client sent them. */
  presented: readonly Uint8Array[]
}

/**
 * Judges what a TLS client presented, by RFC 5280 §6.1 with every path tried (RFC 4158), at the moment `at`. Bounds: see `bounds`,
 * paths of 8, 24 signature checks. Never throws. Where nothing works the answer has the reason of the path that came furthest.
 */
export function judgeChain({ presented, ...facts }: ChainInput): ChainVerdict {
  const { trustStore } = facts
  const [first, ...others] = presented
  if (first === undefined) return refuse(null, 'no_certificate')
  if (presented.length > bounds.presentedCertificates) return refuse(null, 'too_many_certificates')
  // Before anything is hashed or read: the cost of a refusal must not rise with what a stranger sends.
  if (isTooLarge(presented)) return refuse(null, 'certificate_too_large')
  const made = readLink(first)
  if (typeof made === 'string') return refuse(null, made)
  if (trustStore.size === 0) return refuse(made, 'empty_trust_store')
  const leaf = trustStore.byFingerprint.get(made.fingerprint)?.link() ?? made

  const read = others.map(readLink)
  const bundle = distinct([leaf, ...read.filter((link) => typeof link !== 'string')], trustStore)
  const { issuers, badlySigned, unverifiable, isExhausted } = findIssuers(bundle, trustStore)
  const faults: PathFault[] = []
  const good: Path[] = []
  for (const path of findPaths(leaf, issuers, trustStore)) {
    const fault = findFault(path, facts)
    if (fault) faults.push(fault)
    else good.push(path)
  }
  if (good.length > 0) return accept(good, facts)
  const fault = furthest(faults)
  if (fault) return { ...refuseFor(leaf, fault), ...waitOf(faults) }
  if (isExhausted) return refuse(leaf, 'too_many_certificates')
  if (badlySigned) return refuse(leaf, 'bad_signature', badlySigned)
  if (unverifiable) return refuse(leaf, 'unsupported_signature', unverifiable)
  const unreadable = read.find((link) => typeof link === 'string')
  return unreadable ? refuse(leaf, unreadable) : refuse(leaf, 'unknown_authority', leaf)
}

/** Whether these are more bytes than are read before a client is trusted. */
export function isTooLarge(presented: readonly Uint8Array[]): boolean {
  return presented.reduce((sum, der) => sum + der.length, 0) > bounds.presentedBytes
}

// Of all faults only this one ends by itself; a path with an earlier or a later fault stays refused.
function waitOf(faults: readonly PathFault[]): { mayPassLater?: true } {
  return faults.some(({ reason }) => reason === 'not_yet_valid') ? { mayPassLater: true } : {}
}

/**
 * A verdict of before, under the same trust store, carried over to what is revoked now: a few look-ups instead of signatures. Null where
 * it no longer holds; another path may, so judge anew.
 */
export function renewVerdict(
  verdict: TrustedVerdict,
  { trustStore, revocations }: RevocationFacts,
  at: Date,
): TrustedVerdict | null {
  const ways = waysOf(verdict).flatMap((way) => renewWay(way, { trustStore, revocations }, at) ?? [])
  const [first, ...otherWays] = ways
  // A way that ended may hide another one that was left out because of it.
  return first && otherWays.length === verdict.otherWays.length ? { ...verdict, ...first, otherWays } : null
}

/** All ways of a verdict, the least limited first. */
export function waysOf(verdict: TrustedVerdict): TrustedWay[] {
  return [verdict, ...verdict.otherWays]
}

function renewWay(
  { authority, limits, path }: TrustedWay,
  { trustStore, revocations }: RevocationFacts,
  at: Date,
): TrustedWay | null {
  const anchor = trustStore.byFingerprint.get(authority)?.link()
  const isGood = path.every(
    ({ issuerKeyFingerprint: key, issuerName, serialNumber }) =>
      key === null ||
      // Whether the list of another key of the same name counts is not seen from here.
      (!revocations.isRevoked(key, serialNumber) && revocations.listsOfOthers(issuerName, key).length === 0),
  )
  if (!anchor || !isGood || revokingKey([anchor], 0, { trustStore, revocations }) !== null) return null
  const keys = path.map(({ issuerKeyFingerprint }) => issuerKeyFingerprint).filter((key) => key !== null)
  const validUntil = endOf(path, Math.min(...keys.map((key) => revocations.goodUntil(key))))
  return at <= validUntil ? { authority, limits, path, validUntil } : null
}

// An anchor that the client sent along is taken from the store.
function distinct(links: Link[], trustStore: TrustStore): Link[] {
  const byFingerprint = new Map<string, Link>()
  for (const link of links) {
    if (!trustStore.byFingerprint.has(link.fingerprint) && !byFingerprint.has(link.fingerprint)) {
      byFingerprint.set(link.fingerprint, link)
    }
  }
  return [...byFingerprint.values()]
}

function furthest(faults: PathFault[]): PathFault | undefined {
  return faults.toSorted((a, b) => pathProblems.indexOf(b.reason) - pathProblems.indexOf(a.reason))[0]
}

function refuse(leaf: Link | null, reason: ChainProblem, culprit?: Link): RefusedVerdict {
  const subject = culprit === undefined ? {} : { subject: formatName(culprit.fields.subject) }
  return { trusted: false, leafFingerprint: leaf?.fingerprint ?? null, reason, ...subject }
}

function refuseFor(leaf: Link, fault: PathFault): RefusedVerdict {
  const { reason, link, revokedBy, anchor } = fault
  const verdict = { ...refuse(leaf, reason, link), authority: anchor.fingerprint }
  if (revokedBy === null) return verdict
  return { ...verdict, revocation: { issuerKey: revokedBy, serialNumber: serialNumberOf(link.fields.serialNumber) } }
}

const maxWays = 16

function accept(paths: Path[], facts: RevocationFacts): ChainVerdict {
  const { trustStore } = facts
  const ranked = paths.map((path) => ({ path, limits: limitsOn(path, trustStore) }))
  const kept: { path: Path; limits: AuthorityLimit[] }[] = []
  for (const each of ranked.toSorted((a, b) => a.limits.length - b.limits.length)) {
    if (kept.length < maxWays && !kept.some((other) => isLimitedBy(each.limits, other.limits))) kept.push(each)
  }
  const [first, ...otherWays] = kept.map((each) => describe(each, facts))
  const [least] = kept
  if (!first || !least) return refuse(null, 'unknown_authority')
  return {
    ...first,
    trusted: true,
    leafFingerprint: first.path[0]?.fingerprint ?? '',
    authorities: authoritiesOn(least.path, trustStore),
    otherWays,
  }
}

/** Is there, for each of the `others`, the same limit among these? Then a client that passes these passes the others. */
function isLimitedBy(limits: readonly AuthorityLimit[], others: readonly AuthorityLimit[]): boolean {
  const own = new Set(limits.map(({ authority }) => authority))
  return others.every(({ authority }) => own.has(authority))
}

function authoritiesOn(path: Path, { byKey }: TrustStore): string[] {
  const anchors = [...keysOf(path)].flatMap((key) => byKey.get(key) ?? [])
  return [...new Set(anchors.map(({ fingerprint }) => fingerprint))]
}

function keysOf(path: Path): Set<string> {
  return new Set(path.map(({ keyFingerprint }) => keyFingerprint))
}

function describe({ path, limits }: { path: Path; limits: AuthorityLimit[] }, facts: RevocationFacts): TrustedWay {
  const links = path.map((link, index) => describeLink(link, path[index + 1]))
  return {
    authority: path.at(-1)?.fingerprint ?? '',
    limits,
    path: links,
    validUntil: endOf(links, pathGoodUntil(path, facts)),
  }
}

function endOf(path: readonly PathLink[], listsEnd: number): Date {
  return new Date(Math.min(...path.map(({ notAfter }) => notAfter.getTime()), listsEnd))
}

function describeLink(link: Link, issuer: Link | undefined): PathLink {
  return {
    fingerprint: link.fingerprint,
    keyFingerprint: link.keyFingerprint,
    issuerKeyFingerprint: issuer?.keyFingerprint ?? null,
    issuerName: link.issuerKey,
    serialNumber: link.fields.serialNumber,
    subject: formatName(link.fields.subject),
    notBefore: new Date(link.fields.notBefore),
    notAfter: new Date(link.fields.notAfter),
  }
}
