// Rule: to keep an intermediate as an authority widens nothing that a trusted authority above it has limited. Only authorities without a
// limit of usernames count as above: an operator can upload a certificate with the name and the public key of the true root and with a path
// length of 0 or name constraints of the operator's choice, and must not keep the clients of others out by it.
import type { ParsedCertificate } from '../read/parsed-certificate.ts'
import type { Path } from './path-rules.ts'
import { findIssuers } from './path-search.ts'
import type { TrustStore } from './trust-store.ts'

const maxSteps = 64

/**
 * The path continued beyond its anchor through those trusted authorities that signed the anchor, as far as they go: one path for each way.
 * The path itself where nobody above is trusted.
 */
export function pathsAbove(path: Path, trustStore: TrustStore): Path[] {
  const complete: Path[] = []
  const open: Path[] = [path]
  for (let steps = 0; open.length > 0 && steps < maxSteps; steps++) {
    const next = open.pop() ?? path
    const above = issuersOf(next.at(-1), trustStore).filter((issuer) => !next.includes(issuer))
    if (above.length === 0) complete.push(next)
    for (const issuer of above) open.push([...next, issuer])
  }
  return complete
}

const known = new WeakMap<TrustStore, Map<ParsedCertificate, readonly ParsedCertificate[]>>()

/** The authorities of the store that signed this one. Their signatures are checked once for each store. */
export function issuersOf(anchor: ParsedCertificate | undefined, trustStore: TrustStore): readonly ParsedCertificate[] {
  if (!anchor) return []
  const ofStore = known.get(trustStore) ?? new Map<ParsedCertificate, readonly ParsedCertificate[]>()
  known.set(trustStore, ofStore)
  const found = ofStore.get(anchor) ?? findIssuersOf(anchor, trustStore)
  ofStore.set(anchor, found)
  return found
}

// A self-signed one has nobody above it. Another certificate of the same key is beside it.
function findIssuersOf(anchor: ParsedCertificate, trustStore: TrustStore): readonly ParsedCertificate[] {
  if (anchor.isSelfSigned()) return []
  const found = findIssuers([anchor], trustStore).issuers.get(anchor) ?? []
  return found.filter(({ fingerprint }) => trustStore.byFingerprint.get(fingerprint)?.usernames.length === 0)
}
