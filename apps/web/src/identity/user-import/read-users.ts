/** Rows as users to be made: each is held to the contract before anything is sent, and what is wrong is said by its line. */
import type { Role } from '@gatehouse/contract/access/roles'
import {
  readEntries,
  readGrants,
  type UserColumn,
  unescapeFormula,
  userColumns,
} from '@gatehouse/contract/identity/user-csv'
import { UserCreate } from '@gatehouse/contract/identity/users'
import { describeField } from '../../ui/field-words.ts'
import { importWords } from './import-words.ts'
import type { TableRow } from './read-table.ts'

export interface ImportedRow {
  line: number
  username: string
  /** As it was given, for the file of those that were left out. */
  cells: readonly string[]
  /** Null where something is wrong with it. */
  user: UserCreate | null
  problems: string[]
  roleNames: readonly string[]
}

export interface ImportedTable {
  header: readonly string[]
  rows: ImportedRow[]
  /** Columns that mean nothing here: what an export has besides, for one. */
  ignored: string[]
}

export interface KnownRoles {
  byName: ReadonlyMap<string, Pick<Role, 'id'>>
  /** A user cannot give a role with more permissions than the own ones. */
  tooMuch: ReadonlySet<string>
}

/** Thrown where no row can be understood; the message is for people. */
export class UnreadableTable extends Error {}

const columns: readonly UserColumn[] = [...userColumns, 'password', 'identityProvider']
const otherNames: Record<string, UserColumn> = {
  publishprefix: 'mqttPublishPrefix',
  grants: 'grantTypes',
  role: 'roles',
  tag: 'tags',
}
/** Yields here, so that the page stays responsive. */
const rowsAtOnce = 500

export async function readUsers([head, ...rows]: readonly TableRow[], roles: KnownRoles): Promise<ImportedTable> {
  if (!head) throw new UnreadableTable(importWords.empty)
  const places = findColumns(head.cells)
  const read: ImportedRow[] = []
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    read.push(
      ...rows.slice(at, at + rowsAtOnce).map((row) => readRow(row, { places, roles, width: head.cells.length })),
    )
    await new Promise((resume) => setTimeout(resume))
  }
  refuseRepetitions(read)
  const known = new Set(places.values())
  return {
    header: head.cells,
    rows: read,
    ignored: head.cells.filter((name, at) => name.trim() !== '' && !known.has(at)),
  }
}

/** Where each column stands, however its name is written: `Display name`, `display_name`, `displayName`. */
function findColumns(header: readonly string[]): Map<UserColumn, number> {
  const places = new Map<UserColumn, number>()
  for (const [at, name] of header.entries()) {
    const column = columnNamed(name)
    if (!column) continue
    if (places.has(column)) throw new UnreadableTable(importWords.columnTwice(column))
    places.set(column, at)
  }
  if (!places.has('username')) throw new UnreadableTable(importWords.noUsername)
  return places
}

export function columnNamed(name: string): UserColumn | undefined {
  const folded = name.toLowerCase().replace(/[\s_-]/g, '')
  return columns.find((each) => each.toLowerCase() === folded) ?? otherNames[folded]
}

interface Reading {
  places: ReadonlyMap<UserColumn, number>
  roles: KnownRoles
  width: number
}

function readRow({ line, cells }: TableRow, { places, roles, width }: Reading): ImportedRow {
  const cell = (column: UserColumn) => unescapeFormula((cells[places.get(column) ?? -1] ?? '').trim())
  const problems: string[] = []
  // Spreadsheets add empty cells where another line is longer.
  const filled = cells.findLastIndex((text) => text.trim() !== '') + 1
  if (filled > width) problems.push(importWords.tooManyCells(filled, width))
  const grantTypes = readGrants(cell('grantTypes'))
  if (!grantTypes) problems.push(importWords.grants(cell('grantTypes')))
  const names = readEntries(cell('roles'))
  for (const name of names) {
    if (!roles.byName.has(name)) problems.push(importWords.noRole(name))
    else if (roles.tooMuch.has(name)) problems.push(importWords.roleTooMuch(name))
  }
  const origin = cell('identityProvider')
  if (origin !== '' && origin !== 'local') problems.push(importWords.elsewhere(origin))
  // A password is taken as it stands: a space at its end may be meant.
  const password = cells[places.get('password') ?? -1] ?? ''
  const given = {
    username: cell('username'),
    ...(cell('displayName') && { displayName: cell('displayName') }),
    ...(cell('kind') && { kind: cell('kind').toLowerCase() }),
    ...(grantTypes && grantTypes.length > 0 && { grantTypes }),
    ...(names.length > 0 && { roles: names.flatMap((name) => roles.byName.get(name)?.id ?? []) }),
    ...(cell('mqttPublishPrefix') && { mqttPublishPrefix: cell('mqttPublishPrefix') }),
    ...(cell('tags') && { tags: readEntries(cell('tags')) }),
    ...(password && { password }),
  }
  const judged = UserCreate.safeParse(given)
  if (!judged.success) problems.push(...describe(judged.error.issues, given.username))
  const user = judged.success && problems.length === 0 ? (given as UserCreate) : null
  return { line, username: given.username, cells, user, problems, roleNames: names }
}

function describe(issues: readonly { path: readonly PropertyKey[]; message: string }[], username: string): string[] {
  return issues.map(({ path, message }) => {
    const isMissing = path[0] === 'username' && username === ''
    return importWords.field(String(path[0]), describeField(isMissing ? 'required' : message))
  })
}

/** The first one stays. Names that differ in their case only are one name. */
function refuseRepetitions(rows: ImportedRow[]): void {
  const lines = new Map<string, number>()
  for (const row of rows) {
    const folded = row.username.toLowerCase()
    const before = lines.get(folded)
    if (before === undefined) lines.set(folded, row.line)
    else if (folded !== '') {
      row.problems.push(importWords.repeated(before))
      row.user = null
    }
  }
}
