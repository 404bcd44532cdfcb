// Rule: no key is used before a trusted one vouches for it, and no more than 24 signatures are checked for one connection.
// Signatures are verified from the anchors downwards: a hostile bundle cannot make us compute with keys of its own choice.
import { isSignedBy } from '../read/algorithms.ts'
import { readCommonName } from '../read/common-name.ts'
import { once, type ParsedCertificate } from '../read/parsed-certificate.ts'
import type { Path } from './path-rules.ts'
import type { StoredAnchor, TrustStore } from './trust-store.ts'
import { usernameMatches } from './username-glob.ts'

const maxSignatureChecks = 24
const maxSteps = 256

/** What is known after all signatures are checked. */
export interface IssuerSearch {
  /** For each certificate those whose key made its signature, anchors first; only where they lead to an anchor. */
  issuers: ReadonlyMap<ParsedCertificate, readonly ParsedCertificate[]>
  /** A certificate that claims, by key identifier and not by name alone, an issuer whose key did not sign it. */
  badlySigned: ParsedCertificate | null
  /** A certificate of which nobody can tell who signed it: we do not verify signatures of its kind, or with its issuer's key. */
  unverifiable: ParsedCertificate | null
  /** The bundle asked for more checks than it is given. */
  isExhausted: boolean
}

/** Finds who signed whom, beginning with the anchors. `presented`: the leaf first, no anchors, none twice. */
export function findIssuers(presented: readonly ParsedCertificate[], trustStore: TrustStore): IssuerSearch {
  const issuers = new Map<ParsedCertificate, ParsedCertificate[]>()
  const [leaf] = presented
  const allowsLeaf = createAllowsLeaf(leaf, trustStore)
  const checks = createSignatureChecks(allowsLeaf)
  const vouched: ParsedCertificate[] = []
  const record = (child: ParsedCertificate, candidates: readonly ParsedCertificate[]) => {
    const found = checks.findSigners(child, candidates)
    if (found.length === 0) return
    if (!issuers.has(child)) vouched.push(child)
    issuers.set(child, [...(issuers.get(child) ?? []), ...found])
  }
  for (const child of presented) record(child, candidatesFor(child, trustStore, allowsLeaf))
  // The list grows while it is walked: who has been vouched for may vouch for others.
  for (const issuer of vouched) {
    if (issuer === leaf) continue
    for (const child of presented) {
      if (child !== issuer && child.issuerKey === issuer.subjectKey) record(child, [issuer])
    }
  }
  return { issuers, ...checks.faults(issuers) }
}

type AllowsLeaf = (fingerprint: string) => boolean

/**
 * Does the anchor's own limit let it vouch for the leaf's name? Those that cannot are asked last: else an operator could hide an authority
 * behind two dozen others of its name.
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

/** Anchors of the issuer's name. A thousand may have the same one: then those are read that the child hints at, and as many others as are asked. */
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
  // More of one key than there are steps lead nowhere.
  return [...ranked(hinted).slice(0, maxSteps), ...ranked(others).slice(0, maxSignatureChecks + 1)].map(
    ({ certificate }) => certificate(),
  )
}

function createSignatureChecks(allowsLeaf: AllowsLeaf) {
  const results = new Map<string, boolean>()
  const failed: ParsedCertificate[] = []
  const unverifiable: ParsedCertificate[] = []
  let isExhausted = false

  // The same key may come in several certificates: it is asked once.
  const isSigned = (child: ParsedCertificate, issuer: ParsedCertificate): boolean => {
    const id = `${child.fingerprint} ${issuer.keyFingerprint}`
    const known = results.get(id)
    if (known !== undefined) return known
    // Nothing is computed, so it is none of the checks.
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
    const place = (issuer: ParsedCertificate) => rank(child, issuer) + (allowsLeaf(issuer.fingerprint) ? 0 : lastPlace)
    const ranked = candidates.length > 1 ? candidates.toSorted((a, b) => place(a) - place(b)) : candidates
    const first = ranked.find((issuer) => isSigned(child, issuer))
    if (first === undefined) return []
    // A signature is good under one key only, so all others that could have made it hold the same.
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

// After all ranks.
const lastPlace = 3

// Key identifiers are hints (RFC 5280 §4.2.1.1): they say whom to ask first, never whom to believe.
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

/** All paths from the leaf to an anchor, no certificate twice, in at most 256 steps. */
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
    if (trustStore.byFingerprint.get(last.fingerprint)?.certificate() === last) {
      yield path
      continue
    }
    const next = (issuers.get(last) ?? []).filter((issuer) => !path.includes(issuer))
    // Reversed, because the last one is taken first: anchors come before presented certificates.
    for (const issuer of next.toReversed()) open.push([...path, issuer])
  }
}
