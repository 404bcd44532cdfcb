/**
 * Counts over time as lines; with the same numbers as a table for screen readers. The drawing is uPlot's, on a canvas: its
 * colours are read from the style sheet, in whose schemes they are legible.
 */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { formatExactTime, formatNumber } from '../../messages/format.ts'
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet has no name
import 'uplot/dist/uPlot.min.css'
import { useComputedColorScheme } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { useEffect, useId, useRef, useState } from 'react'
import uPlot from 'uplot'
import { chartOptions } from './chart-options.ts'
import classes from './overview.module.css'

export interface Series {
  label: string
  tone: 'plain' | 'refused'
  /** One for each step. */
  counts: readonly number[]
  /** What is said of all of them: how many these are together, or the most at one time. */
  inAll: 'sum' | 'most'
}

interface Counts {
  series: readonly Series[]
  /** The beginning of the first step, and how long each is. */
  fromMs: number
  stepMs: number
}

interface ChartProps extends Counts {
  title: string
}

export function Chart({ title, ...counts }: ChartProps) {
  const id = useId()
  const scheme = useComputedColorScheme('light')
  // The step under the pointer.
  const [step, setStep] = useState<number | null>(null)
  return (
    <figure className={classes['chart']} aria-labelledby={id}>
      <figcaption id={id}>
        <h3>{title}</h3>
        {counts.series.map((one) => (
          <span key={one.label} data-tone={one.tone} className={classes['legend']}>
            {one.label} <strong>{formatNumber(figureOf(one, step))}</strong>
          </span>
        ))}
        <span className={classes['moment']}>{step !== null && formatExactTime(timeOf(step, counts))}</span>
      </figcaption>
      <Drawing
        key={scheme}
        label={t`${title}, as lines. The table below shows the same.`}
        {...counts}
        onStep={setStep}
      />
      <details>
        <summary>
          <Trans>View as table</Trans>
        </summary>
        <CountTable title={title} {...counts} />
      </details>
    </figure>
  )
}

interface DrawingProps extends Counts {
  label: string
  onStep: (step: number | null) => void
}

/** In the colours of the moment: another scheme is another drawing. */
function Drawing({ label, series, fromMs, stepMs, onStep }: DrawingProps) {
  const { ref, width } = useElementSize()
  const place = useRef<HTMLDivElement>(null)

  // Synchronises with the canvas, which knows nothing of React: drawn anew for other counts and for another width.
  useEffect(() => {
    const figure = place.current?.closest('figure')
    if (!place.current || !figure || width === 0) return undefined
    const data = dataOf({ series, fromMs, stepMs })
    const tones = series.map(({ tone }) => tone)
    const options = chartOptions({ figure, width, tones, steps: data[0].length - 1, onStep })
    const drawn = new uPlot(options, data, place.current)
    return () => drawn.destroy()
  }, [series, fromMs, stepMs, width, onStep])

  return (
    // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a canvas and what lies upon it are one picture
    <div ref={ref} className={classes['canvas']} role="img" aria-label={label}>
      <div ref={place} />
    </div>
  )
}

/** Steps in which nothing happened are left out. */
function CountTable({ title, ...counts }: ChartProps) {
  const { series } = counts
  const steps = series[0]?.counts.map((_count, step) => step) ?? []
  const filled = steps.filter((step) => series.some((one) => one.counts[step] !== 0)).toReversed()
  if (filled.length === 0)
    return (
      <p>
        <Trans>No data in this time.</Trans>
      </p>
    )
  return (
    <div className={classes['counts']}>
      <table aria-label={title}>
        <thead>
          <tr>
            <th scope="col">
              <Trans>From</Trans>
            </th>
            {series.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {filled.map((step) => (
            <tr key={step}>
              <th scope="row">{formatExactTime(timeOf(step, counts))}</th>
              {series.map((one) => (
                <td key={one.label}>{formatNumber(figureOf(one, step))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function figureOf({ counts, inAll }: Series, step: number | null): number {
  if (step !== null) return counts[step] ?? 0
  return inAll === 'sum' ? counts.reduce((sum, count) => sum + count, 0) : Math.max(0, ...counts)
}

/** Times in seconds since 1970, then the counts; the last of them once more, at the end of its step. */
function dataOf({ series, fromMs, stepMs }: Counts): [number[], ...number[][]] {
  const ends = (series[0]?.counts.length ?? 0) + 1
  const times = Array.from({ length: ends }, (_, step) => (fromMs + step * stepMs) / 1_000)
  return [times, ...series.map(({ counts }) => [...counts, counts.at(-1) ?? 0])]
}

function timeOf(step: number, { fromMs, stepMs }: Counts): string {
  return new Date(fromMs + step * stepMs).toISOString()
}
