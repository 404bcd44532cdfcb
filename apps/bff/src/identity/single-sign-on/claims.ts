/** Reads the claims of a person: the username, the groups, and whether the provider checked a second factor. */
import type { OidcSettings } from '@gatehouse/contract/identity/provider-settings'

export type Claims = Readonly<Record<string, unknown>>

/** Entra ID names at most 200 groups, Keycloak all of them. A token with more would be a mistake or an attack. */
const maxGroups = 2_000
const maxGroupLength = 512

/** The value at a path such as `realm_access.roles`. A claim whose own name has dots, such as a URL, comes first. */
export function readClaim(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  return path.split('.').reduce<unknown>((value, name) => (isObject(value) ? ownValue(value, name) : undefined), claims)
}

export function textClaim(claims: Claims, path: string | null): string | null {
  const value = path === null ? undefined : readClaim(claims, path)
  return typeof value === 'string' && value !== '' ? value : null
}

/**
 * The values of the roles claim. Null: the provider could not name them all, or the claim has another shape. An absent claim
 * means no groups: Entra ID leaves it out for a person without any.
 */
export function groupsOf(claims: Claims, path: string | null): readonly string[] | null {
  if (path === null) return []
  if (isLeftOut(claims, path)) return null
  const value = readClaim(claims, path)
  if (value === undefined || value === null) return []
  const groups = typeof value === 'string' ? [value] : value
  if (!Array.isArray(groups) || groups.length > maxGroups) return null
  return groups.every(isGroup) ? [...new Set(groups)] : null
}

/**
 * Entra ID replaces a list that is too long for the token by a reference: `_claim_names` (OpenID Connect Core §5.6.2), or
 * `hasgroups` in short tokens. The groups are then unknown, not empty.
 */
function isLeftOut(claims: Claims, path: string): boolean {
  const elsewhere = claims['_claim_names']
  const isReferred = isObject(elsewhere) && Object.hasOwn(elsewhere, path.split('.')[0] ?? path)
  const hasGroups = claims['hasgroups']
  return isReferred || (path === 'groups' && hasGroups !== undefined && hasGroups !== false)
}

/** Are all claims that the settings name in this token? If not, the user info endpoint may have them. */
export function isComplete(claims: Claims, settings: Pick<OidcSettings, 'usernameClaim' | 'rolesClaim'>): boolean {
  const { usernameClaim, rolesClaim } = settings
  if (readClaim(claims, usernameClaim) === undefined) return false
  return rolesClaim === null || isLeftOut(claims, rolesClaim) || readClaim(claims, rolesClaim) !== undefined
}

/** Did the provider check a second factor that the administrator accepts? By `amr` (RFC 8176) or `acr`. */
export function hasAcceptedFactor(
  claims: Claims,
  { acceptedAmr, acceptedAcr }: Pick<OidcSettings, 'acceptedAmr' | 'acceptedAcr'>,
): boolean {
  const { amr, acr } = claims
  const byMethod = Array.isArray(amr) && acceptedAmr.some((accepted) => amr.includes(accepted))
  return byMethod || (typeof acr === 'string' && acceptedAcr.includes(acr))
}

function isGroup(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxGroupLength
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function ownValue(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
