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
  tags: t`Tags`,
  identityProvider: t`Identity provider`,
  password: t`Password`,
}

export const importWords = {
  empty: t`The file is empty.`,
  noUsername: t`The column “username” is missing. The first line must contain the column names.`,
  columnTwice: (column: UserColumn) => t`The column “${column}” appears twice.`,
  tooManyCells: (cells: number, columns: number) =>
    t`${cells} cells, but ${columns} columns. Put a cell that contains a separator in quotes.`,
  grants: (cell: string) =>
    t`Grant types: “${cell}” is not password, certificate or token, optionally with “(required)”.`,
  noRole: (name: string) => t`Roles: there is no role “${name}”.`,
  roleTooMuch: (name: string) => t`Roles: “${name}” exceeds your own permissions.`,
  elsewhere: (origin: string) => t`The user comes from “${origin}” and cannot be imported.`,
  repeated: (line: number) => t`Username: already on line ${formatNumber(line)}.`,
  field: (field: string, words: string) => `${columnNames[field as UserColumn] ?? field}: ${words}`,
  serverRefused: t`The server refused this line.`,
  notSent: t`Not sent, because the import was stopped.`,
  notAnswered: t`The server did not answer. The user may have been created.`,
}

export function usersCounted(count: number): string {
  return plural(count, { one: '# user', other: '# users' })
}

export function linesCounted(count: number): string {
  return plural(count, { one: '# line', other: '# lines' })
}

/** "Nothing of lines 252 to 501 was made." */
export function nothingMadeOf(first: number, last: number): string {
  if (first === last) return t`Line ${formatNumber(first)} was not imported.`
  return t`Lines ${formatNumber(first)} to ${formatNumber(last)} were not imported.`
}
