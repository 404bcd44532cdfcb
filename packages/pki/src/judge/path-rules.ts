import { allowsClients } from '../read/authority.ts'
import type { Link } from '../read/link.ts'
import { pathsAbove } from './authorities-above.ts'
import { breaksNameConstraints } from './name-rules.ts'
import { breaksPolicies } from './policy-rules.ts'
import { goodUntil, type RevocationFacts, revokingKey } from './revocation-rules.ts'

/** Why a path is refused, in the order in which the rules are asked: the most fundamental first, the nearest to success last. */
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

/** Certificates of a path, the leaf first, the anchor last; each one's signature is already verified with the next one's key. */
export type Path = readonly Link[]

export interface PathFault {
  reason: PathProblem
  link: Link
  /** The key that revoked it, where the reason is `revoked`. */
  revokedBy: string | null
  /** The authority at the end of the path. */
  anchor: Link
}

const maxPathCertificates = 8

/** What a path is judged by, besides itself. */
export interface Circumstances extends RevocationFacts {
  at: Date
  /**
   * By how much the clock of an authority may be ahead, in milliseconds; 0 where it is left out. For beginnings only: an end is what the
   * authority has decided.
   */
  clockSkewMs?: number
}

interface Place extends RevocationFacts {
  link: Link
  index: number
  isLeaf: boolean
  isAnchor: boolean
  path: Path
  at: number
  /** The latest moment at which a certificate may begin. */
  latest: number
}

/** True where the rule is broken by the certificate at this place. */
const rules: Record<PathProblem, (place: Place) => boolean> = {
  weak_key: ({ link }) => link.key().isWeak || link.key().isTooLarge,
  // Trust in the anchor does not come from its signature.
  weak_signature: ({ link, isAnchor }) => !isAnchor && link.signature().isWeak,
  unknown_critical_extension: ({ link }) => link.extensions().unknownCritical.length > 0,
  not_a_ca: (place) => !place.isLeaf && !maySign(place),
  path_too_long: (place) => !place.isLeaf && (isTooLong(place) || isTooLongAbove(place)),
  name_constraints: (place) =>
    breaksNameConstraints(place.path, place.index) || (place.isLeaf && breaksNameConstraintsAbove(place)),
  // Of the whole path, so the leaf is named. Those above a kept intermediate are asked as well.
  no_valid_policy: ({ isLeaf, path, trustStore }) => isLeaf && pathsAbove(path, trustStore).every(breaksPolicies),
  authority_expired: ({ link, isLeaf, at }) => !isLeaf && link.fields.notAfter < at,
  not_yet_valid: ({ link, latest }) => link.fields.notBefore > latest,
  expired: ({ link, isLeaf, at }) => isLeaf && link.fields.notAfter < at,
  client_is_authority: (place) => place.isLeaf && isAuthority(place),
  key_not_for_tls: ({ link, isLeaf }) => isLeaf && !link.key().isForTls,
  wrong_usage: (place) =>
    !allowsClients(place.link.extensions().extendedKeyUsage) || (place.isLeaf && !maySignIn(place)),
  revoked: (place) => revokingKey(place.path, place.index, place) !== null,
  crl_expired: (place) => goodUntil(place.path, place.index, place) < place.at,
}

/** The first fault of a path at a moment (RFC 5280 §6.1, and the anchor held to the same rules), or null where it is good. */
export function findFault(path: Path, { at, clockSkewMs = 0, ...facts }: Circumstances): PathFault | null {
  const places = path.map((link, index) => ({
    ...facts,
    link,
    index,
    isLeaf: index === 0,
    isAnchor: index === path.length - 1,
    path,
    at: at.getTime(),
    latest: at.getTime() + clockSkewMs,
  }))
  for (const reason of pathProblems) {
    const place = places.find(rules[reason])
    if (!place) continue
    const revokedBy = reason === 'revoked' ? revokingKey(path, place.index, facts) : null
    return { reason, link: place.link, revokedBy, anchor: path.at(-1) ?? place.link }
  }
  return null
}

// RFC 5280 §6.1.4 k and n. A version 1 certificate cannot say what it is; as a self-signed anchor it was chosen by a person.
function maySign(place: Place): boolean {
  const { basicConstraints, keyUsage } = place.link.extensions()
  if (!basicConstraints?.isAuthority && !isVersion1Root(place)) return false
  return keyUsage === null || keyUsage.includes('keyCertSign')
}

function isVersion1Root({ link, isAnchor }: Place): boolean {
  return isAnchor && link.fields.version === 1 && link.isSelfSigned()
}

// RFC 5280 §6.1.4 l and m: self-issued certificates do not count, and neither does the leaf.
function isTooLong(place: Place): boolean {
  if (place.path.length > maxPathCertificates) return true
  const limit = isVersion1Root(place) ? 0 : place.link.extensions().basicConstraints?.pathLength
  if (limit === null || limit === undefined) return false
  return countBetween(place.path, place.index) > limit
}

function countBetween(path: Path, index: number): number {
  return path.slice(1, index).filter((link) => !link.isSelfIssued).length
}

// A root's path length holds for its intermediates also where these are kept as authorities themselves. Of several roots above an
// intermediate, one that allows the path is enough, as it would be without that intermediate in the store.
function isTooLongAbove({ isAnchor, path, trustStore }: Place): boolean {
  if (!isAnchor) return false
  const exceeds = (above: Path) =>
    above.some(({ extensions }, index) => {
      const limit = extensions().basicConstraints?.pathLength ?? null
      return index >= path.length && limit !== null && countBetween(above, index) > limit
    })
  return pathsAbove(path, trustStore).every(exceeds)
}

// The same for the name constraints above an intermediate that is kept as an authority itself.
function breaksNameConstraintsAbove({ isAnchor, path, trustStore }: Place): boolean {
  // What is broken below is found at its own place.
  if (isAnchor || hasBrokenName(path)) return false
  return pathsAbove(path, trustStore).every(hasBrokenName)
}

function hasBrokenName(path: Path): boolean {
  return path.some((_, index) => breaksNameConstraints(path, index))
}

// The key of an authority signs certificates; it is nobody's identity. Tutorials make leaves of version 1 and without basic constraints:
// these cannot sign. `openssl req -x509 -CA` makes a leaf that can.
function isAuthority(place: Place): boolean {
  return place.isAnchor || maySign(place)
}

// What TLS needs of a client's key: to sign, or to agree on a key (RFC 5246 §7.4.6).
function maySignIn({ link }: Place): boolean {
  const { keyUsage, netscapeAllowsClients } = link.extensions()
  if (netscapeAllowsClients === false) return false
  return keyUsage === null || keyUsage.includes('digitalSignature') || keyUsage.includes('keyAgreement')
}
