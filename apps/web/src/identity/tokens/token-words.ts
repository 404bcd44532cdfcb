/** Tokens in words: for how long, what for, and the line that tries one. */

import { mayCall, type Permission } from '@gatehouse/contract/access/permission'
import { everyRoute } from '@gatehouse/contract/api'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { Token } from '@gatehouse/contract/identity/tokens'
import { pathOf, type Route } from '@gatehouse/contract/route'
import { plural, t } from '@lingui/core/macro'
import type { Status } from '../../ui/badges.tsx'

const dayMs = 24 * 60 * 60_000
/** It is said that a token ends soon when this is left, or a quarter of its life where that is less. */
const soonDays = 7

/** Days; the other two are said apart. */
export const tokenLives = {
  '1': t`In 1 day`,
  '7': t`In 7 days`,
  '30': t`In 30 days`,
  '90': t`In 90 days`,
  '365': t`In a year`,
  day: t`Choose a date`,
  never: t`Never`,
} as const
export type TokenLife = keyof typeof tokenLives

/** When a token of this life ends: RFC 3339, null for never, empty while no day is chosen. */
export function endOfLife(life: TokenLife, chosenDay: string, now: number): string | null {
  if (life === 'never') return null
  if (life !== 'day') return new Date(now + Number(life) * dayMs).toISOString()
  // With the end of that day where the reader is.
  return /^\d{4}-\d\d-\d\d$/.test(chosenDay) ? new Date(`${chosenDay}T23:59:59`).toISOString() : ''
}

/** The day of the reader, for a date field: `2031-03-02`. */
export function localDay(now: number): string {
  return new Date(now - new Date(now).getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
}

/** What a badge says beside the date; null where nothing needs to be said. */
export function tokenEndWords(
  { createdAt, expiresAt }: { createdAt: string; expiresAt: string },
  now: number,
): { status: Status; label: string } | null {
  const end = Date.parse(expiresAt)
  const days = (end - now) / dayMs
  if (days <= 0) return { status: 'refused', label: t`expired` }
  if (days >= Math.min(soonDays, (end - Date.parse(createdAt)) / dayMs / 4)) return null
  if (days < 1) return { status: 'expiring', label: t`less than a day` }
  return { status: 'expiring', label: days < 2 ? t`1 day` : t`${Math.floor(days)} days` }
}

/** "3 permissions" */
export function permissionCount({ length }: readonly Permission[]): string {
  return plural(length, { one: '# permission', other: '# permissions' })
}

/** A line for a shell that works at once: it asks for something that the token may read. */
export function curlLine(
  { token, permissions }: { token: string; permissions: readonly Permission[] },
  origin: string,
) {
  const route = everyRoute.find((one) => isPlainRead(one) && mayCall(permissions, one)) ?? authorities.builtIn
  return `curl -H 'Authorization: Bearer ${token}' ${origin}${pathOf(route)}`
}

function isPlainRead({ method, access, path }: Route): boolean {
  return method === 'GET' && access === 'permitted' && !path.includes(':')
}

/** What is asked before a token is revoked, of one's own or of this user. */
export function revocation({ label }: Pick<Token, 'label'>, username?: string) {
  return {
    title: t`Revoke ${label}?`,
    message: username
      ? t`Scripts with this token of ${username} are refused from their next request on. This cannot be undone.`
      : t`Scripts with this token are refused from their next request on. This cannot be undone.`,
    action: t`Revoke`,
  }
}

export function revokedWords({ label }: Pick<Token, 'label'>): string {
  return t`Token ${label} revoked.`
}

/** What a checkbox says about the tokens that somebody made in the console. `count` is null where it is not known. */
export function endTokensLabel(count: number | null): string {
  if (count === null) return t`Also revoke tokens that were created in the console`
  return plural(count, {
    one: 'Also revoke the token that was created in the console',
    other: 'Also revoke the # tokens that were created in the console',
  })
}

/** How a token was made. */
export function tokenOriginWords(origin: Token['origin']): string {
  if (origin === null) return t`unknown origin`
  return origin === 'login' ? t`with the password, by a script` : t`in the console`
}
