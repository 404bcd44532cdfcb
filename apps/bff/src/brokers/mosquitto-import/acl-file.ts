/** `acl_file`: blocks of `user` with `topic` lines, `pattern` lines for all users, and `topic` lines before the first `user`. */
import { maxImportedUsers } from '@gatehouse/contract/brokers/mosquitto-import'
import { Problem } from '../../platform/base/problem.ts'
import type { Findings, Place } from './findings.ts'
import { type GivenFile, placeOf, type SourceLine, visitLines } from './source-lines.ts'

export type AclAccess = 'read' | 'write' | 'readwrite' | 'deny'

export interface AclLine {
  access: AclAccess
  /** As written: a pattern still has its `%u`. */
  topic: string
  place: Place
}

export interface AclFile {
  byUser: Map<string, { place: Place; lines: AclLine[] }>
  patterns: AclLine[]
}

/** Lines of `pattern`: each is expanded for each user. */
const maxPatterns = 1_000

export async function readAclFile(file: GivenFile, findings: Findings): Promise<AclFile> {
  const read: AclFile = { byUser: new Map(), patterns: [] }
  let block: AclLine[] | null = null
  await visitLines(file, findings, (line) => {
    const text = line.text.trimStart()
    if (text === '' || text.startsWith('#')) return
    const place = placeOf(file, line, text)
    const [keyword, rest] = splitOnce(text)
    if (keyword === 'user' && rest !== '') block = openBlock(read, { username: rest, place })
    else if (keyword === 'topic' && block === null) findings.add('anonymous_rights', place)
    else if (keyword === 'topic') addTo(block ?? [], { rest, place, findings })
    else if (keyword === 'pattern') addTo(read.patterns, { rest, place, findings })
    else findings.add('line_invalid', place)
  })
  if (read.patterns.length > maxPatterns) throw new Problem('import_too_large')
  return read
}

/** Two blocks of one user are one. Throws `import_too_large` for more users than one import may have. */
function openBlock({ byUser }: AclFile, { username, place }: { username: string; place: Place }): AclLine[] {
  const known = byUser.get(username) ?? { place, lines: [] }
  byUser.set(username, known)
  if (byUser.size > maxImportedUsers) throw new Problem('import_too_large')
  return known.lines
}

const accesses = new Set<string>(['read', 'write', 'readwrite', 'deny'] satisfies AclAccess[])

function isAccess(word: string): word is AclAccess {
  return accesses.has(word)
}

/** A topic may contain spaces. Without a word for the access, both are allowed. */
function addTo(lines: AclLine[], { rest, place, findings }: { rest: string; place: Place; findings: Findings }): void {
  const [word, topic] = splitOnce(rest)
  if (rest === '') findings.add('line_invalid', place)
  else if (topic === '') lines.push({ access: 'readwrite', topic: rest, place })
  else if (isAccess(word)) lines.push({ access: word, topic, place })
  else findings.add('line_invalid', place)
}

/** The first word, and the rest without the spaces before it. */
function splitOnce(text: SourceLine['text']): [word: string, rest: string] {
  const space = text.indexOf(' ')
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1).trimStart()]
}
