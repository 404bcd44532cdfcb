/** What the import of users says about a file, its lines, and what became of them. */
import type { UserColumn } from '@gatehouse/contract/identity/user-csv'

const columnNames: Record<UserColumn, string> = {
  username: 'Username',
  displayName: 'Display name',
  kind: 'Kind',
  grantTypes: 'Grant types',
  roles: 'Roles',
  mqttPublishPrefix: 'Publish prefix',
  password: 'Password',
}

export const importWords = {
  empty: 'There is nothing in it.',
  noUsername: 'No column is called “username”. The first line has to name the columns.',
  columnTwice: (column: UserColumn) => `Two columns are called “${column}”.`,
  tooManyCells: (cells: number, columns: number) =>
    `${cells} cells, but ${columns} columns: a separator inside of a cell has to stand between quotes.`,
  grants: (cell: string) =>
    `Grant types: “${cell}” is not password, certificate or token, with “(required)” where it is.`,
  noRole: (name: string) => `Roles: no role is called “${name}”.`,
  roleTooMuch: (name: string) => `Roles: “${name}” is more than you hold yourself.`,
  repeated: (line: number) => `Username: on line ${line.toLocaleString('en')} already.`,
  field: (field: string, words: string) => `${columnNames[field as UserColumn] ?? field}: ${words}`,
  serverRefused: 'The server refused this line.',
  notSent: 'Not sent: the import was stopped.',
  notAnswered: 'The server did not answer: it may have been made.',
}

export function usersCounted(count: number): string {
  return count === 1 ? '1 user' : `${count.toLocaleString('en')} users`
}

export function linesCounted(count: number): string {
  return count === 1 ? '1 line' : `${count.toLocaleString('en')} lines`
}

/** "Nothing of lines 252 to 501 was made." */
export function nothingMadeOf(first: number, last: number): string {
  if (first === last) return `Line ${first.toLocaleString('en')} was not made.`
  return `Nothing of lines ${first.toLocaleString('en')} to ${last.toLocaleString('en')} was made.`
}
