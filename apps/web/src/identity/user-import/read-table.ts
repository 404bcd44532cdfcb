/** A CSV file as rows, each with the line that it begins on: whatever a spreadsheet, a script or a person wrote. */
import type Papa from 'papaparse'

export interface TableRow {
  /** As an editor counts, from 1. */
  line: number
  cells: string[]
}

/** The text of a file: UTF-8, or what older spreadsheets write. A mark at the beginning says which, and is none of the text. */
export async function readText(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/**
 * The rows that are not empty. The separator is the one that the first line names (`sep=;`, as Excel writes and reads it); otherwise
 * commas, semicolons and tabs are told apart. The reader of CSV is loaded when there is a file to read.
 */
export async function readTable(text: string): Promise<TableRow[]> {
  const { default: papa } = (await import('papaparse')) as { default: typeof Papa }
  const whole = text.replace(/^\uFEFF/, '')
  const [named = '', separator] = namedSeparator.exec(whole) ?? []
  const given = whole.slice(named.length)
  const rows: TableRow[] = []
  let read = 0
  let line = 1 + countLines(named)
  papa.parse<string[]>(given, {
    delimiter: separator ?? separatorIn(given),
    step: ({ data, meta }) => {
      rows.push({ line, cells: data })
      line += countLines(given.slice(read, meta.cursor))
      read = meta.cursor
    },
  })
  return rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
}

/** A line of its own. Neither a letter nor a digit, which could be the name of a column. Some programs add empty cells. */
const namedSeparator = /^"?sep=([^\p{L}\p{N}"\r\n])"?[,;\t ]*(?:\r\n|\r|\n|$)/iu

/** The first line names the columns, and no name of a column has one of these in it. */
function separatorIn(text: string): string {
  const head = /[^\r\n]+/.exec(text)?.[0] ?? ''
  const count = (separator: string) => head.split(separator).length
  return [',', ';', '\t'].reduce((best, each) => (count(each) > count(best) ? each : best))
}

function countLines(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0
}
