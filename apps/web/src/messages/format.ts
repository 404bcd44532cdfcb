/** Numbers, dates and lists in the reader's locale and time zone. Nothing else formats them. */
import { locale } from './language.ts'

const plain = new Intl.NumberFormat(locale)
const compact = new Intl.NumberFormat(locale, { notation: 'compact' })
const oneDecimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
const conjunction = new Intl.ListFormat(locale, { type: 'conjunction' })
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })
const exact = new Intl.DateTimeFormat(locale, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
})
const timeOfDay = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' })
const hourAndMinute = new Intl.DateTimeFormat(locale, { timeStyle: 'short' })
const dayAndMonth = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' })
const month = new Intl.DateTimeFormat(locale, { month: 'short', timeZone: 'UTC' })
const monthAndYear = new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' })

/** `1,234` */
export function formatNumber(value: number): string {
  return plain.format(value)
}

/** `1.2K` */
export function formatCompact(value: number): string {
  return compact.format(value)
}

/** `1.5`: bytes in units of 1,048,576. */
export function formatMebibytes(bytes: number): string {
  return oneDecimal.format(bytes / 1_048_576)
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** `412 bytes`, `1.2 MB`: units of 1,000. */
export function formatBytes(bytes: number): string {
  const at = Math.min(byteUnits.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  return byteFormats[at]!.format(bytes / 1_000 ** at)
}

const byteFormats = byteUnits.map(
  (unit) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit,
      // The short form of English has no plural: `412 byte`.
      unitDisplay: unit === 'byte' ? 'long' : 'short',
      maximumFractionDigits: 1,
    }),
)

/** `a, b, and c` */
export function formatList(parts: readonly string[]): string {
  return conjunction.format(parts)
}

/** Whole sentences, one after the other. What is empty or false is left out. */
export function joinSentences(sentences: readonly (string | false)[]): string {
  return sentences.filter(Boolean).join(' ')
}

/** `Mar 2, 2031`. `at`: RFC 3339, or milliseconds since 1970, here and below. */
export function formatDate(at: string | number): string {
  return date.format(instant(at))
}

/** `Mar 2, 2031, 4:05:06 PM GMT+1` */
export function formatExactTime(at: string | number): string {
  return exact.format(instant(at))
}

/** `4:05:06 PM` */
export function formatTimeOfDay(at: string | number): string {
  return timeOfDay.format(instant(at))
}

/** `4:05 PM` */
export function formatHourAndMinute(at: string | number): string {
  return hourAndMinute.format(instant(at))
}

/** `Mar 2` */
export function formatDayAndMonth(at: string | number): string {
  return dayAndMonth.format(instant(at))
}

/** `Mar`, of the month in UTC. */
export function formatMonth(at: string | number): string {
  return month.format(instant(at))
}

/** `March 2031` */
export function formatMonthAndYear(at: string | number): string {
  return monthAndYear.format(instant(at))
}

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

/** `3 minutes ago`, `in 2 days`. `awayMs`: negative in the past. */
export function formatRelative(awayMs: number): string {
  const [unit, unitMs] = units.find(([, ms]) => Math.abs(awayMs) >= ms) ?? (['second', 1_000] as const)
  return relative.format(Math.round(awayMs / unitMs), unit)
}

function instant(at: string | number): number {
  return typeof at === 'number' ? at : Date.parse(at)
}
