/** What the import of users says about a file, its lines, and what became of them. */

import type { UserColumn } from '@gatehouse/contract/identity/user-csv'
import { plural, t } from '@lingui/core/macro'
import { formatNumber } from '../../messages/format.ts'

const columnNames: Record<UserColumn, string> = {
  username: t`Username`,
  displayName: t`Display name`,
  kind: t`Kind`,
  grantTypes: t`Grant types`,
  roles: t`Roles`,
  mqttPublishPrefix: t`Publish prefix`,
  password: t`Password`,
}

export const importWords = {
  empty: t`There is nothing in it.`,
  noUsername: t`No column is called “username”. The first line has to name the columns.`,
  columnTwice: (column: UserColumn) => t`Two columns are called “${column}”.`,
  tooManyCells: (cells: number, columns: number) =>
    t`${cells} cells, but ${columns} columns: a separator inside of a cell has to stand between quotes.`,
  grants: (cell: string) =>
    t`Grant types: “${cell}” is not password, certificate or token, with “(required)” where it is.`,
  noRole: (name: string) => t`Roles: no role is called “${name}”.`,
  roleTooMuch: (name: string) => t`Roles: “${name}” is more than you hold yourself.`,
  repeated: (line: number) => t`Username: on line ${formatNumber(line)} already.`,
  field: (field: string, words: string) => `${columnNames[field as UserColumn] ?? field}: ${words}`,
  serverRefused: t`The server refused this line.`,
  notSent: t`Not sent: the import was stopped.`,
  notAnswered: t`The server did not answer: it may have been made.`,
}

export function usersCounted(count: number): string {
  return plural(count, { one: '# user', other: '# users' })
}

export function linesCounted(count: number): string {
  return plural(count, { one: '# line', other: '# lines' })
}

/** "Nothing of lines 252 to 501 was made." */
export function nothingMadeOf(first: number, last: number): string {
  if (first === last) return t`Line ${formatNumber(first)} was not made.`
  return t`Nothing of lines ${formatNumber(first)} to ${formatNumber(last)} was made.`
}
