/** The lines that were not made, as a file to be mended and given again: as they were, with the reason in a last column. */

import { escapeFormula, unescapeFormula } from '@gatehouse/contract/identity/user-csv'
import type Papa from 'papaparse'
import { saveText } from '../../ui/download.ts'
import { columnNamed, type ImportedRow } from './read-users.ts'

export async function saveLeftOut(
  header: readonly string[],
  rows: readonly ImportedRow[],
  source: string,
): Promise<void> {
  saveText(await writeLeftOut(header, rows), `${source.replace(/\.[^.]*$/, '')}-left-out.csv`)
}

/** A spreadsheet runs nothing of it, but for a password: that is taken as it stands, so an apostrophe would be a part of it. */
export async function writeLeftOut(header: readonly string[], rows: readonly ImportedRow[]): Promise<string> {
  const { default: papa } = (await import('papaparse')) as { default: typeof Papa }
  const width = header.length
  const isPassword = header.map((name) => columnNamed(name) === 'password')
  const written = (cell: string, at: number) => (isPassword[at] ? cell : escapeFormula(unescapeFormula(cell)))
  const lines = rows.map(({ cells, line, problems }) => [
    ...Array.from({ length: width }, (_, at) => written(cells[at] ?? '', at)),
    `${line}`,
    escapeFormula(problems.join(' ')),
  ])
  return papa.unparse([[...header, 'line', 'problem'].map(escapeFormula), ...lines])
}
