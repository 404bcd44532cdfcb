import { allowsClients } from '../read/authority.ts'
import type { ParsedCertificate } from '../read/parsed-certificate.ts'
import { pathsAbove } from './authorities-above.ts'
import { breaksNameConstraints } from './name-rules.ts'
import { breaksPolicies } from './policy-rules.ts'
import { crlsValidUntil, type RevocationFacts, revokingKey } from './revocation-rules.ts'

/**
 * Why a path is refused, in the order in which the rules are checked. A path that fails at a later rule is closer to
 * success.
 */
export const pathProblems = [
  'weak_key',
  'weak_signature',
  'unknown_critical_extension',
  'not_a_ca',
  'path_too_long',
  'name_constraints',
  'no_valid_policy',
  'authority_expired',
  'not_yet_valid',
  'expired',
  'client_is_authority',
  'key_not_for_tls',
  'wrong_usage',
  'revoked',
  'crl_expired',
] as const

export type PathProblem = (typeof pathProblems)[number]

/**
 * The certificates of a path, the leaf first, the anchor last. The signature of each is already verified with the key
 * of the next.
 */
export type Path = readonly ParsedCertificate[]

/** The first rule that a path breaks, and the certificate that breaks it. */
export interface PathFault {
  reason: PathProblem
  certificate: ParsedCertificate
  /** SHA-256 of the key whose CRL or revocation applies, where the reason is `revoked`. */
  revokedBy: string | null
  /** The anchor at the end of the path. */
  anchor: ParsedCertificate
}

const maxPathCertificates = 8

/** The facts that a path is judged by. */
export interface PathFacts extends RevocationFacts {
  at: Date
  /**
   * How far an authority's clock may be ahead, in milliseconds; default 0. It moves only the start of validity: the
   * authority decided the end.
   */
  clockSkewMs?: number
}

interface PathPosition extends RevocationFacts {
  certificate: ParsedCertificate
  index: number
  isLeaf: boolean
  isAnchor: boolean
  path: Path
  at: number
  /** The latest `notBefore` that still counts as valid. */
  latest: number
}

/** Each rule returns true if the certificate at this position breaks it. */
const rules: Record<PathProblem, (position: PathPosition) => boolean> = {
  weak_key: ({ certificate }) => certificate.key().isWeak || certificate.key().isTooLarge,
  // Trust in the anchor does not come from its signature.
  weak_signature: ({ certificate, isAnchor }) => !isAnchor && certificate.signature().isWeak,
  unknown_critical_extension: ({ certificate }) => certificate.extensions().unknownCritical.length > 0,
  not_a_ca: (position) => !position.isLeaf && !maySign(position),
  path_too_long: (position) => !position.isLeaf && (isTooLong(position) || isTooLongAbove(position)),
  name_constraints: (position) =>
    breaksNameConstraints(position.path, position.index) || (position.isLeaf && breaksNameConstraintsAbove(position)),
  // Concerns the whole path, so it is reported on the leaf. Authorities above an installed intermediate count as well.
  no_valid_policy: ({ isLeaf, path, trustStore }) => isLeaf && pathsAbove(path, trustStore).every(breaksPolicies),
  authority_expired: ({ certificate, isLeaf, at }) => !isLeaf && certificate.fields.notAfter < at,
  not_yet_valid: ({ certificate, latest }) => certificate.fields.notBefore > latest,
  expired: ({ certificate, isLeaf, at }) => isLeaf && certificate.fields.notAfter < at,
  client_is_authority: (position) => position.isLeaf && isAuthority(position),
  key_not_for_tls: ({ certificate, isLeaf }) => isLeaf && !certificate.key().isForTls,
  wrong_usage: (position) =>
    !allowsClients(position.certificate.extensions().extendedKeyUsage) || (position.isLeaf && !maySignIn(position)),
  revoked: (position) => revokingKey(position.path, position.index, position) !== null,
  crl_expired: (position) => crlsValidUntil(position.path, position.index, position) < position.at,
}

/**
 * Returns the first fault of a path at the time `at`, or null. Applies RFC 5280 §6.1 to every certificate, the anchor
 * included.
 */
export function findFault(path: Path, { at, clockSkewMs = 0, ...facts }: PathFacts): PathFault | null {
  const positions = path.map((certificate, index) => ({
    ...facts,
    certificate,
    index,
    isLeaf: index === 0,
    isAnchor: index === path.length - 1,
    path,
    at: at.getTime(),
    latest: at.getTime() + clockSkewMs,
  }))
  for (const reason of pathProblems) {
    const position = positions.find(rules[reason])
    if (!position) continue
    const revokedBy = reason === 'revoked' ? revokingKey(path, position.index, facts) : null
    return { reason, certificate: position.certificate, revokedBy, anchor: path.at(-1) ?? position.certificate }
  }
  return null
}

// RFC 5280 §6.1.4 k and n. A version 1 certificate has no basic constraints; a self-signed one counts as a CA because a
// person installed it.
function maySign(position: PathPosition): boolean {
  const { basicConstraints, keyUsage } = position.certificate.extensions()
  if (!basicConstraints?.isAuthority && !isVersion1Root(position)) return false
  return keyUsage === null || keyUsage.includes('keyCertSign')
}

function isVersion1Root({ certificate, isAnchor }: PathPosition): boolean {
  return isAnchor && certificate.fields.version === 1 && certificate.isSelfSigned()
}

// RFC 5280 §6.1.4 l and m: self-issued certificates and the leaf do not count.
function isTooLong(position: PathPosition): boolean {
  if (position.path.length > maxPathCertificates) return true
  const limit = isVersion1Root(position) ? 0 : position.certificate.extensions().basicConstraints?.pathLength
  if (limit === null || limit === undefined) return false
  return countBetween(position.path, position.index) > limit
}

function countBetween(path: Path, index: number): number {
  return path.slice(1, index).filter((certificate) => !certificate.isSelfIssued).length
}

// A root's path length also applies where its intermediate is installed as an authority itself. If several roots signed
// the intermediate, one that allows the path is enough, as it would be if the intermediate were not installed.
function isTooLongAbove({ isAnchor, path, trustStore }: PathPosition): boolean {
  if (!isAnchor) return false
  const exceeds = (above: Path) =>
    above.some(({ extensions }, index) => {
      const limit = extensions().basicConstraints?.pathLength ?? null
      return index >= path.length && limit !== null && countBetween(above, index) > limit
    })
  return pathsAbove(path, trustStore).every(exceeds)
}

// The same for the name constraints above an intermediate that is installed as an authority.
function breaksNameConstraintsAbove({ isAnchor, path, trustStore }: PathPosition): boolean {
  // A breach below the anchor is reported at its own position.
  if (isAnchor || hasBrokenName(path)) return false
  return pathsAbove(path, trustStore).every(hasBrokenName)
}

function hasBrokenName(path: Path): boolean {
  return path.some((_, index) => breaksNameConstraints(path, index))
}

// A key of an authority signs certificates and does not identify a client. Leaves of version 1 or without basic
// constraints, which many tutorials make, cannot sign and are accepted; `openssl req -x509 -CA` makes a leaf that can
// sign.
function isAuthority(position: PathPosition): boolean {
  return position.isAnchor || maySign(position)
}

// TLS needs a client key that signs or agrees on a key (RFC 5246 §7.4.6).
function maySignIn({ certificate }: PathPosition): boolean {
  const { keyUsage, netscapeAllowsClients } = certificate.extensions()
  if (netscapeAllowsClients === false) return false
  return keyUsage === null || keyUsage.includes('digitalSignature') || keyUsage.includes('keyAgreement')
}
