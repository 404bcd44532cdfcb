/** Writes the results: a table on the terminal, `results.json`, pictures, and `docs/benchmarks.md`. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import type { Measured } from './part.ts'
import { drawGrowth, drawRatios } from './picture.ts'
import { isReached, type Row } from './row.ts'

const folder = import.meta.dirname
const root = resolve(folder, '..')
const page = join(root, 'docs/benchmarks.md')
const marks = ['<!-- bench: begin, written by npm run bench -->', '<!-- bench: end -->'] as const

/** One run on one machine. */
interface Run {
  date: string
  machine: string
  versions: Record<string, string>
  rows: Row[]
}

/**
 * A run replaces the earlier run on the same machine; the runs on other machines stay. A run of one part replaces only its
 * own rows.
 */
export async function writeResults({ rows, growth = [] }: Measured, { isWhole }: { isWhole: boolean }): Promise<void> {
  const machine = `${cpus().length} cores of ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`
  const runs = await readRuns()
  const before = isWhole ? [] : (runs.find((run) => run.machine === machine)?.rows ?? [])
  const renewed = before.map((old) => rows.find(({ name }) => name === old.name) ?? old)
  const added = rows.filter(({ name }) => !before.some((old) => name === old.name))
  const run: Run = {
    date: new Date().toISOString().slice(0, 10),
    machine,
    versions: readVersions(),
    rows: [...renewed, ...added],
  }
  const kept = [run, ...runs.filter((other) => other.machine !== machine)]
  await writeFile(join(folder, 'results.json'), `${JSON.stringify(kept, null, 2)}\n`)
  await writeFile(join(folder, 'results.svg'), await drawRatios(run.rows))
  for (const each of growth) await writeFile(join(folder, `${each.file}.svg`), await drawGrowth(each))
  await writePage(kept)
  format(page, join(folder, 'results.json'))
}

export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [isReached(row) ? '✓' : '✗', row.name, ...figures(row)])
  const widths = [0, 1, 2, 3, 4, 5].map((at) => Math.max(0, ...cells.map((line) => line[at]?.length ?? 0)))
  return cells.map((line) => `  ${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`).join('\n')
}

/** Formats the files as `npm run check` wants them. */
function format(...files: string[]): void {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  execFileSync(process.execPath, [biome, 'format', '--write', ...files], { cwd: root, stdio: 'pipe' })
}

async function readRuns(): Promise<Run[]> {
  try {
    return JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')) as Run[]
  } catch {
    return [] // the first run
  }
}

function figures(row: Row): [string, string, string, string] {
  return [
    `${measure(row.ours, row.unit)}${row.theirs === null ? '' : ` : ${measure(row.theirs, row.unit)}`} ${shownUnit(row)}`,
    row.theirs === null ? '' : `${round(row.ratio, 3)}×`,
    `${row.atLeast ? '≥' : '≤'} ${row.theirs === null ? measure(row.target, row.unit) : `${round(row.target, 3)}×`}`,
    `± ${Math.round(row.spread * 50)} %`,
  ]
}

/** Bytes are shown in kB or MB; everything else in the unit of the row. */
function measure(value: number, unit: string): string {
  if (unit !== 'bytes') return round(value, 3)
  return round(value >= 10_000_000 ? value / 1_000_000 : value / 1_000, 3)
}

function shownUnit({ unit, ours }: Row): string {
  if (unit !== 'bytes') return unit
  return ours >= 10_000_000 ? 'MB' : 'kB'
}

function round(value: number, digits = 2): string {
  if (value === 0) return '0'
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : Number(value.toPrecision(digits)).toString()
}

function readVersions(): Record<string, string> {
  return {
    node: process.version,
    openssl: process.versions.openssl,
    mosquitto: firstLine('dpkg-query', ['-W', '-f', '${Version}', 'mosquitto']),
    gatehouse: firstLine('git', ['-C', folder, 'rev-parse', '--short', 'HEAD']),
  }
}

function firstLine(command: string, args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' }).split('\n')[0]?.trim() ?? ''
}

async function writePage(runs: readonly Run[]): Promise<void> {
  const text = await readFile(page, 'utf8')
  const [begin, end] = marks.map((mark) => text.indexOf(mark)) as [number, number]
  if (begin < 0 || end < begin) throw new Error(`docs/benchmarks.md lost its marks ${marks.join(' and ')}`)
  const body = runs.map(writeRun).join('\n')
  await writeFile(page, `${text.slice(0, begin)}${marks[0]}\n\n${body}\n${text.slice(end)}`)
}

function writeRun({ date, machine, versions, rows }: Run): string {
  const lines = rows.map((row) => {
    const [measured, ratio, target, spread] = figures(row)
    const verdict = isReached(row) ? '✓' : row.explained ? `✗ [why](${row.explained})` : '✗'
    return `| ${row.name} | ${measured} | ${ratio} | ${target} | ${spread} | ${verdict} |`
  })
  const table = ['| what | ours : theirs | ratio | target | spread | |', '|---|---|---|---|---|---|', ...lines].join(
    '\n',
  )
  const where = `${date}; Node ${versions.node}, Mosquitto ${versions.mosquitto}, at ${versions.gatehouse}.`
  return `## ${machine}\n\n${where}\n\n${table}\n`
}
