// Rule: an intermediate that is installed as an authority may not do more than a trusted authority above it allows.
// Only authorities without a username limit count as above it. An operator can upload a certificate with the name and
// the public key of the true root, but with a path length of 0 or with name constraints of the operator's choice. That
// must not shut out the clients of others.
import type { ParsedCertificate } from '../read/parsed-certificate.ts'
import type { Path } from './path-rules.ts'
import { anchorsThatSigned } from './path-search.ts'
import type { TrustStore } from './trust-store.ts'

const maxSteps = 64

/**
 * Continues the path beyond its anchor through the trusted authorities that signed the anchor, to the top: one result
 * for each route. Returns the path alone if no trusted authority signed the anchor.
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

/** Returns the authorities of the store without a username limit that signed this anchor. */
export function issuersOf(anchor: ParsedCertificate | undefined, trustStore: TrustStore): readonly ParsedCertificate[] {
  if (!anchor) return []
  const hasNoLimit = ({ fingerprint }: ParsedCertificate) =>
    trustStore.byFingerprint.get(fingerprint)?.usernames.length === 0
  return anchorsThatSigned(anchor, trustStore).filter(hasNoLimit)
}
