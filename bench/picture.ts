/** Draws the results as SVG with Vega, without a browser. */
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { Growth } from './part.ts'
import { isReached, type Row } from './row.ts'

const style = { font: 'system-ui, sans-serif', background: 'white', axis: { labelFontSize: 12, titleFontSize: 12 } }

/** Draws each row as a part of its target. Less than 1 is better. */
export function drawRatios(rows: readonly Row[]): Promise<string> {
  const values = rows
    // A target of zero cannot be a divisor.
    .filter(({ target }) => target > 0)
    .map((row) => ({
      name: row.name,
      part: Math.max(0.01, row.atLeast ? row.target / row.ratio : row.ratio / row.target),
      verdict: isReached(row) ? 'reached' : 'missed',
    }))
  return draw({
    title: 'Part of what each target allows: up to 1 is reached',
    width: 420,
    height: { step: 26 },
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: 14 },
        encoding: {
          y: { field: 'name', type: 'nominal', sort: null, title: null, axis: { labelLimit: 0 } },
          x: { field: 'part', type: 'quantitative', title: null },
          color: {
            field: 'verdict',
            type: 'nominal',
            title: null,
            scale: { domain: ['reached', 'missed'], range: ['#2f7d6b', '#c2410c'] },
          },
        },
      },
      // Spans all rows, so it has no y.
      { mark: { type: 'rule', strokeDash: [4, 3] }, encoding: { x: { datum: 1 } } },
    ],
  })
}

export function drawGrowth({ name, x, y, lines }: Growth): Promise<string> {
  return draw({
    title: name,
    width: 360,
    height: 180,
    data: { values: lines.flatMap((line) => line.points.map((point) => ({ ...point, line: line.name }))) },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: x, scale: { type: 'log' }, axis: { format: ',', tickCount: 4 } },
      y: { field: 'y', type: 'quantitative', title: y },
      ...(lines.length > 1 && {
        color: { field: 'line', type: 'nominal' as const, title: null, legend: { labelLimit: 320 } },
      }),
    },
  })
}

async function draw(spec: TopLevelSpec): Promise<string> {
  const { spec: chart } = compile({ ...spec, config: style })
  return `${await new View(parse(chart), { renderer: 'none' }).toSVG()}\n`
}
