/** The remaining share of a certificate's lifetime, and its status. */
import { plural, t } from '@lingui/core/macro'
import type { Status } from './badges.tsx'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** The limits of the statuses `soon`, `expiring` and `urgent`. */
const soonDays = 60
const expiringDays = 30
const urgentDays = 7

export interface RemainingLife {
  /** Of its whole time, 0–1. */
  share: number
  status: Status
  /** For a badge; null where nothing needs to be said. */
  label: string | null
}

/** All three in milliseconds since 1970. */
export function remainingLife(notBefore: number, notAfter: number, now: number): RemainingLife {
  const leftMs = notAfter - now
  if (leftMs <= 0) return { share: 0, status: 'refused', label: t`expired` }
  if (notBefore > now) return { share: 1, status: 'off', label: t`not yet valid` }
  const share = leftMs / Math.max(notAfter - notBefore, 1)
  const days = Math.floor(leftMs / dayMs)
  if (days >= soonDays) return { share, status: 'valid', label: null }
  if (days >= expiringDays) return { share, status: 'soon', label: t`${days} days` }
  if (days >= urgentDays) return { share, status: 'expiring', label: t`${days} days` }
  return { share, status: 'urgent', label: days >= 2 ? t`${days} days left` : hoursLeft(leftMs) }
}

function hoursLeft(leftMs: number): string {
  const hours = Math.max(Math.floor(leftMs / hourMs), 1)
  return plural(hours, { one: '# hour left', other: '# hours left' })
}
