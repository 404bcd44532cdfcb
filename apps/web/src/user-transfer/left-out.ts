/** The lines that were not made, as a file to be mended and given again: as they were, with the reason in a last column. */
import type Papa from 'papaparse'
import { saveText } from '../api/download.ts'
import type { ImportedRow } from './read-users.ts'

export async function saveLeftOut(
  header: readonly string[],
  rows: readonly ImportedRow[],
  source: string,
): Promise<void> {
  const { default: papa } = (await import('papaparse')) as { default: typeof Papa }
  const width = header.length
  const lines = rows.map(({ cells, line, problems }) => [
    ...Array.from({ length: width }, (_, at) => cells[at] ?? ''),
    `${line}`,
    problems.join(' '),
  ])
  // A spreadsheet runs nothing of it; what was shielded when it was given is not shielded twice.
  const text = papa.unparse([[...header, 'line', 'problem'], ...lines], { escapeFormulae: /^[=+\-@\t\r＝＋－＠]/ })
  saveText(text, `${source.replace(/\.[^.]*$/, '')}-left-out.csv`)
}
