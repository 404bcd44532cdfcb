/** The results, for people and for programs: a table, `results.json`, pictures, and the part of the README between its two marks. */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import type { Measured } from './part.ts'
import { drawGrowth, drawRatios } from './picture.ts'
import { isReached, type Row } from './row.ts'

const folder = import.meta.dirname
const root = resolve(folder, '..')
const readme = join(root, 'README.md')
const marks = ['<!-- bench: begin, written by npm run bench -->', '<!-- bench: end -->'] as const

interface Results {
  date: string
  machine: string
  versions: Record<string, string>
  rows: Row[]
}

/** One part by itself replaces its own rows; the others keep what a run before said. */
export async function writeResults({ rows, growth = [] }: Measured, { isWhole }: { isWhole: boolean }): Promise<void> {
  const before = isWhole ? [] : await readRows()
  const renewed = before.map((old) => rows.find(({ name }) => name === old.name) ?? old)
  const added = rows.filter(({ name }) => !before.some((old) => name === old.name))
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores of ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    versions: readVersions(),
    rows: [...renewed, ...added],
  }
  await writeFile(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
  await writeFile(join(folder, 'results.svg'), await drawRatios(results.rows))
  for (const each of growth) await writeFile(join(folder, `${each.file}.svg`), await drawGrowth(each))
  await writeReadme(results)
  format(readme, join(folder, 'results.json'))
}

export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [isReached(row) ? '✓' : '✗', row.name, ...figures(row)])
  const widths = [0, 1, 2, 3, 4, 5].map((at) => Math.max(0, ...cells.map((line) => line[at]?.length ?? 0)))
  return cells.map((line) => `  ${line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`).join('\n')
}

/** As everything else in the repository is: tables and JSON have one look. */
function format(...files: string[]): void {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  execFileSync(process.execPath, [biome, 'format', '--write', ...files], { cwd: root, stdio: 'pipe' })
}

async function readRows(): Promise<Row[]> {
  try {
    return (JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')) as Results).rows
  } catch {
    return [] // the first run
  }
}

function figures(row: Row): [string, string, string, string] {
  return [
    `${round(row.ours)}${row.theirs === null ? '' : ` : ${round(row.theirs)}`} ${row.unit}`,
    row.theirs === null ? '' : `${round(row.ratio, 3)}×`,
    `${row.atLeast ? '≥' : '≤'} ${round(row.target, 3)}${row.theirs === null ? '' : '×'}`,
    `± ${Math.round(row.spread * 50)} %`,
  ]
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

async function writeReadme({ date, machine, versions, rows }: Results): Promise<void> {
  const text = await readFile(readme, 'utf8')
  const [begin, end] = marks.map((mark) => text.indexOf(mark)) as [number, number]
  if (begin < 0 || end < begin) throw new Error(`README.md lost its marks ${marks.join(' and ')}`)
  const lines = rows.map((row) => {
    const [measured, ratio, target, spread] = figures(row)
    const verdict = isReached(row) ? '✓' : row.explained ? `✗ [why](${row.explained})` : '✗'
    return `| ${row.name} | ${measured} | ${ratio} | ${target} | ${spread} | ${verdict} |`
  })
  const table = ['| what | ours : theirs | ratio | target | spread | |', '|---|---|---|---|---|---|', ...lines].join(
    '\n',
  )
  const where = `${date}, ${machine}; Node ${versions.node}, Mosquitto ${versions.mosquitto}, at ${versions.gatehouse}.`
  const body = `${marks[0]}\n\n![Ratios](bench/results.svg)\n\n${table}\n\n${where}\n\n`
  await writeFile(readme, text.slice(0, begin) + body + text.slice(end))
}
