/** "3 minutes ago"; the exact time, in the reader's zone, on hover. */
import { useNow } from './clock.ts'

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

/** `at`: RFC 3339, or null for never. */
export function RelativeTime({ at, never = 'never' }: { at: string | null; never?: string }) {
  const now = useNow()
  if (at === null) return <span>{never}</span>
  return (
    <time dateTime={at} title={exactTime(at)}>
      {relativeTime(settled(Date.parse(at) - now))}
    </time>
  )
}

const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** The time of day, with the date where it was not today: for what happened at a moment, not since. */
export function Timestamp({ at }: { at: string }) {
  const isToday = new Date(at).toDateString() === new Date(useNow()).toDateString()
  return (
    <time dateTime={at} title={exactTime(at)}>
      {isToday ? timeOfDay.format(Date.parse(at)) : exactTime(at)}
    </time>
  )
}

export function exactTime(at: string): string {
  return exact.format(Date.parse(at))
}

/** The page's clock goes in steps: what has just happened is not in the future. */
function settled(awayMs: number): number {
  return awayMs > 0 && awayMs < 10_000 ? 0 : awayMs
}

function relativeTime(awayMs: number): string {
  const [unit, unitMs] = units.find(([, ms]) => Math.abs(awayMs) >= ms) ?? (['second', 1_000] as const)
  return relative.format(Math.round(awayMs / unitMs), unit)
}
