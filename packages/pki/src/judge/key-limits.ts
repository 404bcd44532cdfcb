// Rule: a username limit applies to a key only if a signature proves that the key belongs to the subject of the limited
// certificate. Anybody can put a foreign public key into a certificate and limit it to unused names. That must not shut
// out the clients of the key's owner.
import { isSignedBy } from '../read/algorithms.ts'
import type { ParsedCertificate } from '../read/parsed-certificate.ts'
import type { StoredAnchor, TrustStore } from './trust-store.ts'

/** A username limit: the username must match at least one of the globs. */
export interface AuthorityLimit {
  /** Fingerprint of the authority that has the limit. */
  authority: string
  usernames: readonly string[]
}

/** A limit that may also apply to other certificates with the same key. */
export interface KeyLimit extends AuthorityLimit {
  scope: () => LimitScope
}

/**
 * Where the limit applies: everywhere the key occurs, or only on paths that contain one of these keys. The signature of
 * a limited authority proves nothing for the clients of others, because its owner may sign any key.
 */
export type LimitScope = 'everywhere' | ReadonlySet<string>

const maxIssuersAsked = 4

/**
 * Returns the limits that apply to this path: the anchor's own, and those of other authorities that hold a key on it.
 */
export function limitsOn(path: readonly ParsedCertificate[], { ownLimits, keyLimits }: TrustStore): AuthorityLimit[] {
  const anchor = path.at(-1)?.fingerprint ?? ''
  const keys = new Set(path.map(({ keyFingerprint }) => keyFingerprint))
  const bound = [...keys]
    .flatMap((key) => keyLimits.get(key) ?? [])
    .filter((limit) => limit.authority !== anchor && holdsOn(keys, limit.scope()))
  const limits = [...(ownLimits.get(anchor) ?? []), ...bound]
  return limits.map(({ authority, usernames }) => ({ authority, usernames }))
}

function holdsOn(keys: ReadonlySet<string>, scope: LimitScope): boolean {
  return scope === 'everywhere' || [...scope].some((key) => keys.has(key))
}

/**
 * Returns a function that finds where an anchor's limit applies, by the anchor's own signature or that of another
 * anchor. It tries at most four signers, to bound the cost.
 */
export function createScopeFinder(bySubject: TrustStore['bySubject']): (anchor: StoredAnchor) => LimitScope {
  const byIssuerName = new Map<string, SameNameAnchors>()
  const issuersFor = ({ issuerKey, authorityKeyIdentifier: hint }: StoredAnchor): StoredAnchor[] => {
    const known = byIssuerName.get(issuerKey) ?? group(bySubject.get(issuerKey) ?? [])
    byIssuerName.set(issuerKey, known)
    const { unlimited, limited } = known
    const ranked = [unlimited.hinted.get(hint), unlimited.all, limited.hinted.get(hint), limited.all]
    return [...new Set(ranked.flatMap((some) => some?.slice(0, maxIssuersAsked) ?? []))].slice(0, maxIssuersAsked)
  }
  return (anchor) => {
    if (isSigned(anchor, anchor)) return 'everywhere'
    const signers = issuersFor(anchor).filter((issuer) => issuer !== anchor && isSigned(anchor, issuer))
    if (signers.some(({ usernames }) => usernames.length === 0)) return 'everywhere'
    return new Set(signers.map(({ keyFingerprint }) => keyFingerprint))
  }
}

/** Results are kept on the anchor: the same two certificates occur again in each later store. */
function isSigned(anchor: StoredAnchor, issuer: StoredAnchor): boolean {
  const known = anchor.signedBy.get(issuer.keyFingerprint)
  if (known !== undefined) return known
  const isNamed = anchor.issuerKey === issuer.subjectKey
  const result = isNamed && isSignedBy(anchor.certificate().fields, issuer.certificate().publicKey())
  if (isNamed) anchor.signedBy.set(issuer.keyFingerprint, result)
  return result
}

interface SameNameAnchors {
  unlimited: Ranked
  limited: Ranked
}

interface Ranked {
  all: StoredAnchor[]
  /** By subject key identifier. */
  hinted: Map<string | null, StoredAnchor[]>
}

function group(named: readonly StoredAnchor[]): SameNameAnchors {
  return {
    unlimited: rank(named.filter(({ usernames }) => usernames.length === 0)),
    limited: rank(named.filter(({ usernames }) => usernames.length > 0)),
  }
}

function rank(anchors: readonly StoredAnchor[]): Ranked {
  const all = [...new Map(anchors.map((each) => [each.keyFingerprint, each])).values()]
  return { all, hinted: Map.groupBy(all, ({ subjectKeyIdentifier }) => subjectKeyIdentifier) }
}
