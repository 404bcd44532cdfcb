import { createYielder } from '@gatehouse/pki/read/yielder'
import type { Findings, Place } from './findings.ts'

/** A given file: its path below the folder, with `/`, and its text. */
export interface GivenFile {
  path: string
  text: string
}

/** Characters of a line. Mosquitto has no bound, but no username or topic that works here needs more. */
const maxLineLength = 8_192
const linesInSlice = 256

export interface SourceLine {
  number: number
  /** Without the end of the line and the white space before it. */
  text: string
}

/**
 * Visits the lines of a file in slices, so that the event loop runs in between. Lines end with LF or CRLF. Returns false
 * for a file that is no text: it is not read at all.
 *
 * @param visit Returns false to stop.
 */
export async function visitLines(
  { path, text }: GivenFile,
  findings: Findings,
  visit: (line: SourceLine) => boolean | void,
): Promise<boolean> {
  if (text.includes('\0')) {
    findings.add('file_binary', { file: path, line: null, text: '' })
    return false
  }
  const yieldIfDue = createYielder()
  let number = 0
  for (let at = 0; at < text.length; ) {
    if (++number % linesInSlice === 0) await yieldIfDue()
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    const line = end - at > maxLineLength ? null : text.slice(at, end).trimEnd()
    at = end + 1
    if (line === null) findings.add('line_too_long', { file: path, line: number, text: '' })
    else if (visit({ number, text: line }) === false) return true
  }
  return true
}

/** The place of a line. `text` is what the findings show of it. */
export function placeOf({ path }: GivenFile, { number }: SourceLine, text: string): Place {
  return { file: path, line: number, text }
}
