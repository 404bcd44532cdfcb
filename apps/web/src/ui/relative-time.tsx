/** "3 minutes ago"; the exact time, in the reader's zone, on hover. */

import { t } from '@lingui/core/macro'
import { formatExactTime, formatRelative, formatTimeOfDay } from '../messages/format.ts'
import { useNow } from './clock.ts'

/** `at`: RFC 3339, or null for never. */
export function RelativeTime({ at, never = t`never` }: { at: string | null; never?: string }) {
  const now = useNow()
  if (at === null) return <span>{never}</span>
  return (
    <time dateTime={at} title={formatExactTime(at)}>
      {formatRelative(settled(Date.parse(at) - now))}
    </time>
  )
}

/** The time of day, with the date where it was not today: for what happened at a moment, not since. */
export function Timestamp({ at }: { at: string }) {
  const isToday = new Date(at).toDateString() === new Date(useNow()).toDateString()
  return (
    <time dateTime={at} title={formatExactTime(at)}>
      {isToday ? formatTimeOfDay(at) : formatExactTime(at)}
    </time>
  )
}

/** The page's clock goes in steps: what has just happened is not in the future. */
function settled(awayMs: number): number {
  return awayMs > 0 && awayMs < 10_000 ? 0 : awayMs
}
