// Rule: a key verifies a signature only after a trusted key has signed its certificate, and one connection costs at
// most 24 signature checks. The search starts at the anchors: a hostile bundle must not make the server compute with
// keys that the client chose.
import { isSignedBy } from '../read/algorithms.ts'
import { readCommonName } from '../read/common-name.ts'
import { once, type ParsedCertificate } from '../read/parsed-certificate.ts'
import type { Path } from './path-rules.ts'
import type { StoredAnchor, TrustStore } from './trust-store.ts'
import { usernameMatches } from './username-glob.ts'

export const maxSignatureChecks = 24
const maxSteps = 256

/** The result of all signature checks. */
export interface IssuerSearch {
  /**
   * For each certificate, those whose key signed it, anchors first. Contains only certificates that lead to an anchor.
   */
  issuers: ReadonlyMap<ParsedCertificate, readonly ParsedCertificate[]>
  /** A certificate whose key identifier, not only its name, points to an issuer whose key did not sign it. */
  badlySigned: ParsedCertificate | null
  /** A certificate whose signer cannot be found out: its signature algorithm or its issuer's key is not supported. */
  unverifiable: ParsedCertificate | null
  /** The presented certificates needed more signature checks than are allowed. */
  isExhausted: boolean
}

/**
 * Finds which certificate signed which, starting at the anchors. `presented` has the leaf first, no anchors and no
 * duplicates.
 */
export function findIssuers(presented: readonly ParsedCertificate[], trustStore: TrustStore): IssuerSearch {
  const issuers = new Map<ParsedCertificate, ParsedCertificate[]>()
  const [leaf] = presented
  const allowsLeaf = createAllowsLeaf(leaf, trustStore)
  const checks = createSignatureChecks(allowsLeaf)
  const verified: ParsedCertificate[] = []
  const record = (child: ParsedCertificate, candidates: readonly ParsedCertificate[]) => {
    const found = checks.findSigners(child, candidates)
    if (found.length === 0) return
    if (!issuers.has(child)) verified.push(child)
    issuers.set(child, [...(issuers.get(child) ?? []), ...found])
  }
  for (const child of presented) record(child, candidatesFor(child, trustStore, allowsLeaf))
  // The list grows while it is walked: a certificate with a verified signature may have signed others.
  for (const issuer of verified) {
    if (issuer === leaf) continue
    for (const child of presented) {
      if (child !== issuer && child.issuerKey === issuer.subjectKey) record(child, [issuer])
    }
  }
  return { issuers, ...checks.faults(issuers) }
}

type AllowsLeaf = (fingerprint: string) => boolean

/**
 * Returns a test whether an anchor's own username limit allows the leaf's Common Name. Anchors that do not allow it are
 * tried last; otherwise an operator could hide an authority behind two dozen others with the same name.
 */
function createAllowsLeaf(leaf: ParsedCertificate | undefined, { byFingerprint }: TrustStore): AllowsLeaf {
  const name = once(() => (leaf ? readCommonName(leaf.fields.der) : null))
  return (fingerprint) => {
    const usernames = byFingerprint.get(fingerprint)?.usernames ?? []
    if (usernames.length === 0) return true
    const read = name()
    return read?.ok === true && usernames.some((glob) => usernameMatches(glob, read.commonName))
  }
}

/**
 * Returns the anchors with the issuer's name. A thousand anchors may share one name: then only those are parsed that
 * the authority key identifier names, and as many others as there are signature checks.
 */
function candidatesFor(
  child: ParsedCertificate,
  { bySubject }: TrustStore,
  allowsLeaf: AllowsLeaf,
): ParsedCertificate[] {
  const named = bySubject.get(child.issuerKey) ?? []
  if (named.length <= maxSignatureChecks) return named.map(({ certificate }) => certificate())
  const hint = child.extensions().authorityKeyIdentifier
  const isHinted = (identifier: string | null) => hint !== null && identifier === hint
  const hinted = named.filter(({ subjectKeyIdentifier }) => isHinted(subjectKeyIdentifier))
  const others = named.filter(({ subjectKeyIdentifier }) => !isHinted(subjectKeyIdentifier))
  const ranked = (some: StoredAnchor[]) => [
    ...some.filter(({ fingerprint }) => allowsLeaf(fingerprint)),
    ...some.filter(({ fingerprint }) => !allowsLeaf(fingerprint)),
  ]
  // More than `maxSteps` anchors with one key would not be tried anyway.
  return [...ranked(hinted).slice(0, maxSteps), ...ranked(others).slice(0, maxSignatureChecks + 1)].map(
    ({ certificate }) => certificate(),
  )
}

function createSignatureChecks(allowsLeaf: AllowsLeaf) {
  const results = new Map<string, boolean>()
  const failed: ParsedCertificate[] = []
  const unverifiable: ParsedCertificate[] = []
  let isExhausted = false

  // Several certificates may hold the same key. Each key is tried once.
  const isSigned = (child: ParsedCertificate, issuer: ParsedCertificate): boolean => {
    const id = `${child.fingerprint} ${issuer.keyFingerprint}`
    const known = results.get(id)
    if (known !== undefined) return known
    // No signature is computed here, so this does not count as a check.
    if (!child.signature().isSupported || issuer.publicKey() === null) {
      unverifiable.push(child)
      return false
    }
    if (results.size >= maxSignatureChecks) {
      isExhausted = true
      return false
    }
    const result = isSignedBy(child.fields, issuer.publicKey())
    results.set(id, result)
    if (!result && keyIdentifiersMatch(child, issuer)) failed.push(child)
    return result
  }

  const findSigners = (child: ParsedCertificate, candidates: readonly ParsedCertificate[]): ParsedCertificate[] => {
    const rankOf = (issuer: ParsedCertificate) => rank(child, issuer) + (allowsLeaf(issuer.fingerprint) ? 0 : lastPlace)
    const ranked = candidates.length > 1 ? candidates.toSorted((a, b) => rankOf(a) - rankOf(b)) : candidates
    const first = ranked.find((issuer) => isSigned(child, issuer))
    if (first === undefined) return []
    // A signature is valid under one key only, so every other possible signer holds the same key.
    return ranked.filter(({ keyFingerprint }) => keyFingerprint === first.keyFingerprint)
  }

  return {
    findSigners,
    faults: (issuers: ReadonlyMap<ParsedCertificate, unknown>) => {
      const isUnsigned = (certificate: ParsedCertificate) => !issuers.has(certificate)
      return {
        badlySigned: failed.find(isUnsigned) ?? null,
        unverifiable: unverifiable.find(isUnsigned) ?? null,
        isExhausted,
      }
    },
  }
}

// Higher than every rank.
const lastPlace = 3

// Key identifiers are hints (RFC 5280 §4.2.1.1): they decide the order of the checks and never the result.
function rank(child: ParsedCertificate, issuer: ParsedCertificate): number {
  if (!keyIdentifiersMayMatch(child, issuer)) return 2
  return keyIdentifiersMatch(child, issuer) ? 0 : 1
}

function keyIdentifiersMatch(child: ParsedCertificate, issuer: ParsedCertificate): boolean {
  const { authorityKeyIdentifier } = child.extensions()
  return authorityKeyIdentifier !== null && authorityKeyIdentifier === issuer.extensions().subjectKeyIdentifier
}

function keyIdentifiersMayMatch(child: ParsedCertificate, issuer: ParsedCertificate): boolean {
  const { authorityKeyIdentifier } = child.extensions()
  const { subjectKeyIdentifier } = issuer.extensions()
  return (
    authorityKeyIdentifier === null || subjectKeyIdentifier === null || authorityKeyIdentifier === subjectKeyIdentifier
  )
}

/**
 * Yields all paths from the leaf to an anchor of `ends` without repeating a certificate, in at most 256 steps. A path
 * also continues through other anchors, and through an anchor with a username limit, to the anchors that signed it: the person who limited an
 * intermediate must not take away what an authority above it gives.
 */
export function* findPaths(
  leaf: ParsedCertificate,
  issuers: ReadonlyMap<ParsedCertificate, readonly ParsedCertificate[]>,
  trustStore: TrustStore,
): Generator<Path> {
  let steps = 0
  const open: Path[] = [[leaf]]
  for (let path = open.pop(); path !== undefined && steps < maxSteps; path = open.pop()) {
    steps++
    const last = path.at(-1) ?? leaf
    const anchor = trustStore.byFingerprint.get(last.fingerprint)
    const isAnchor = anchor?.certificate() === last
    const isEnd = isAnchor && (trustStore.ends?.has(last.fingerprint) ?? true)
    if (isEnd) yield path
    if (isEnd && anchor.usernames.length === 0) continue
    const found = isAnchor ? anchorsThatSigned(last, trustStore) : (issuers.get(last) ?? [])
    const next = found.filter((issuer) => !path.includes(issuer))
    // Reversed because `pop` takes the last one: anchors are tried before presented certificates.
    for (const issuer of next.toReversed()) open.push([...path, issuer])
  }
}

const knownSigners = new WeakMap<TrustStore, Map<ParsedCertificate, readonly ParsedCertificate[]>>()

/**
 * Returns the anchors whose key signed this anchor. Their signatures are checked once per store. The list is
 * empty for a self-signed anchor: another certificate of the same key is an equal of it, not its issuer.
 */
export function anchorsThatSigned(anchor: ParsedCertificate, trustStore: TrustStore): readonly ParsedCertificate[] {
  if (anchor.isSelfSigned()) return []
  const ofStore = knownSigners.get(trustStore) ?? new Map<ParsedCertificate, readonly ParsedCertificate[]>()
  knownSigners.set(trustStore, ofStore)
  const found = ofStore.get(anchor) ?? findIssuers([anchor], trustStore).issuers.get(anchor) ?? []
  ofStore.set(anchor, found)
  return found
}
