/** How a chart is drawn: steps, because each count is of a span of time; axes that begin at nothing; colours of the style sheet. */
import uPlot from 'uplot'
import { formatCompact, formatDayAndMonth, formatHourAndMinute } from '../../messages/format.ts'
import type { Series } from './chart.tsx'

export const chartHeight = 136

interface Drawing {
  /** Where the colours are read: that of its text, of its lines, and of its legend's entries. */
  figure: HTMLElement
  width: number
  tones: readonly Series['tone'][]
  /** How many there are, each drawn until the next. */
  steps: number
  /** The step under the pointer; null when it is elsewhere. */
  onStep: (step: number | null) => void
}

export function chartOptions({ figure, width, tones, steps, onStep }: Drawing): uPlot.Options {
  const dimmed = getComputedStyle(figure).color
  const line = getComputedStyle(figure).borderTopColor
  const font = `12px ${getComputedStyle(figure).fontFamily}`
  const axis = { stroke: dimmed, font, ticks: { show: false }, grid: { stroke: line, width: 1 } }
  return {
    width,
    height: chartHeight,
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false }, points: { show: false } },
    // Never empty, so that one is not drawn as high as a thousand.
    scales: { y: { range: (_chart, _least, most) => [0, Math.max(most * 1.1, 4)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 24, space: 64, values: (_chart, splits) => splits.map(momentWords) },
      { ...axis, size: 44, space: 32, incrs: wholeNumbers, values: (_chart, splits) => splits.map(formatCompact) },
    ],
    series: [{}, ...tones.map((tone) => lineOf(colourOf(figure, tone)))],
    hooks: {
      setCursor: [
        ({ cursor: { idx } }) => {
          // The last one only ends the line.
          onStep(typeof idx === 'number' ? Math.min(idx, steps - 1) : null)
        },
      ],
    },
  }
}

const stepped = uPlot.paths.stepped?.({ align: 1 })
const wholeNumbers = [1, 2, 5]
  .flatMap((first) => Array.from({ length: 7 }, (_, power) => first * 10 ** power))
  .toSorted((a, b) => a - b)

function lineOf(colour: string): uPlot.Series {
  const fill = colour.replace('rgb(', 'rgba(').replace(')', ', 0.12)')
  return { stroke: colour, fill, width: 1.5, points: { show: false }, ...(stepped && { paths: stepped }) }
}

function colourOf(figure: HTMLElement, tone: Series['tone']): string {
  const entry = figure.querySelector(`[data-tone="${tone}"]`)
  return getComputedStyle(entry ?? figure).getPropertyValue('border-left-color')
}

/** In seconds since 1970. At midnight the day begins, and is named. */
function momentWords(seconds: number): string {
  const at = new Date(seconds * 1_000)
  const isMidnight = at.getHours() === 0 && at.getMinutes() === 0
  return isMidnight ? formatDayAndMonth(at.getTime()) : formatHourAndMinute(at.getTime())
}
