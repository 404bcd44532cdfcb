/** A year from now as a row of weeks, each as high as what ends in it; the same as a table for whoever does not see it. */

import type { ExpiriesToCome } from '@gatehouse/contract/operations/overview'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { formatDate, formatMonth, formatNumber } from '../../messages/format.ts'
import classes from './expires-next.module.css'

type Kind = keyof ExpiriesToCome['weeks']

interface Series {
  kind: Kind
  label: string
  counts: readonly number[]
}

const labels: Record<Kind, string> = {
  authority: t`Authorities`,
  issued: t`Clients, issued here`,
  seen: t`Clients, issued elsewhere`,
}
const kinds = Object.keys(labels) as Kind[]

const dayMs = 86_400_000
const weekMs = 7 * dayMs
const barHeight = 56
/** One among ten thousand is still to be seen. */
const leastHeight = 3

export function ExpiryTimeline({ from, weeks }: Pick<ExpiriesToCome, 'from' | 'weeks'>) {
  const series = kinds.flatMap((kind): Series[] => {
    const counts = weeks[kind]
    return counts ? [{ kind, label: labels[kind], counts }] : []
  })
  const length = series[0]?.counts.length ?? 0
  const totals = Array.from({ length }, (_, week) => series.reduce((sum, { counts }) => sum + (counts[week] ?? 0), 0))
  const most = Math.max(0, ...totals)
  if (most === 0)
    return (
      length > 0 && (
        <p className={classes['none']}>
          <Trans>No expiries within a year.</Trans>
        </p>
      )
    )
  const fromMs = Date.parse(from)
  return (
    <figure className={classes['timeline']} aria-label={t`Expiries within a year`}>
      <figcaption>
        {series.map(({ kind, label, counts }) => (
          <span key={kind} className={classes['legend']} data-kind={kind}>
            {label} <strong>{formatNumber(sumOf(counts))}</strong>
          </span>
        ))}
      </figcaption>
      <div
        className={classes['picture']}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- bars made of boxes are one picture
        role="img"
        aria-label={t`Weeks of a year as bars. The table below shows the same.`}
      >
        {marks.map(({ days, label }) => (
          <span key={days} className={classes['mark']} style={{ left: placeOf(days * dayMs, length) }}>
            {label}
          </span>
        ))}
        <div className={classes['bars']}>
          {totals.map((total, week) => (
            <div key={week} title={total > 0 ? `${weekWords(fromMs, week)}: ${formatNumber(total)}` : undefined}>
              {series.map(({ kind, counts }) => (
                <div key={kind} data-kind={kind} style={{ height: heightOf(counts[week] ?? 0, most) }} />
              ))}
            </div>
          ))}
        </div>
        <div className={classes['months']}>
          {monthsFrom(fromMs, length).map(({ at, name }) => (
            <span key={at} style={{ left: placeOf(at - fromMs, length) }}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <WeekTable series={series} totals={totals} fromMs={fromMs} />
    </figure>
  )
}

interface WeekTableProps {
  series: readonly Series[]
  totals: readonly number[]
  fromMs: number
}

/** Weeks in which nothing ends are left out. */
function WeekTable({ series, totals, fromMs }: WeekTableProps) {
  return (
    <details>
      <summary>
        <Trans>View as table</Trans>
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Week</Trans>
            </th>
            {series.map(({ kind, label }) => (
              <th key={kind} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {totals.flatMap((total, week) =>
            total === 0
              ? []
              : [
                  <tr key={week}>
                    <th scope="row">{weekWords(fromMs, week)}</th>
                    {series.map(({ kind, counts }) => (
                      <td key={kind}>{formatNumber(counts[week] ?? 0)}</td>
                    ))}
                  </tr>,
                ],
          )}
        </tbody>
      </table>
    </details>
  )
}

/** From where badges begin. */
const marks = [
  { days: 7, label: '7' },
  { days: 30, label: '30' },
  { days: 60, label: t`60 days` },
]

function heightOf(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(leastHeight, Math.round((count / most) * barHeight))
}

function placeOf(afterMs: number, weeks: number): string {
  return `${(afterMs / (weeks * weekMs)) * 100}%`
}

function weekWords(fromMs: number, week: number): string {
  const first = fromMs + week * weekMs
  return t`${formatDate(first)} to ${formatDate(first + weekMs - dayMs)}`
}

/** The first of each month in this time; the last is left out where its name would not fit. */
function monthsFrom(fromMs: number, weeks: number): { at: number; name: string }[] {
  const start = new Date(fromMs)
  const until = fromMs + (weeks - 2) * weekMs
  return Array.from({ length: 12 }, (_, index) =>
    Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + index + 1, 1),
  ).flatMap((at) => (at < until ? [{ at, name: formatMonth(at) }] : []))
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
