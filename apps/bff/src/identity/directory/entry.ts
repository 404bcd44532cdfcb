/** Reads what an entry says of a person: the id, names, and whether the account is disabled. */
import type { LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import type { Entry } from 'ldapts'
import { DirectoryFault } from './faults.ts'

/** A person as the directory describes it. */
export interface Person {
  dn: string
  /** `entryUUID` or `objectGUID`, as text in lower case. */
  subject: string
  username: string
  displayName: string | null
  isDisabled: boolean
  entry: Entry
}

export type IdAttribute = 'entryUUID' | 'objectGUID'

/** Attributes whose values are bytes, spelled as Active Directory does. */
export const binaryAttributes = ['objectGUID', 'objectSid']

/** Attributes by which directories say that an account is disabled or expired. */
const stateAttributes = [
  'userAccountControl',
  'accountExpires',
  'pwdAccountLockedTime',
  'shadowExpire',
  'nsAccountLock',
]

/** What a search for persons has to ask for. */
export function personAttributes(settings: LdapSettings, id: IdAttribute): string[] {
  const { usernameAttribute, displayNameAttribute, rolesAttribute } = settings
  const named = [usernameAttribute, displayNameAttribute, rolesAttribute].filter((name) => name !== null)
  return [...new Set([id, ...named, 'memberOf', 'primaryGroupID', 'objectSid', ...stateAttributes])]
}

/** @throws DirectoryFault if the entry has no id or username: without them nobody can be recognised. */
export function readPerson(
  entry: Entry,
  { settings, id, now }: { settings: LdapSettings; id: IdAttribute; now: Date },
): Person {
  const subject = subjectOf(entry, id)
  if (subject === null) throw new DirectoryFault('no_id_attribute')
  const [username] = valuesOf(entry, settings.usernameAttribute)
  if (username === undefined) throw new DirectoryFault('username_unusable')
  const [displayName = null] = settings.displayNameAttribute ? valuesOf(entry, settings.displayNameAttribute) : []
  return { dn: entry.dn, subject, username, displayName, isDisabled: isDisabled(entry, now), entry }
}

/** Null: the entry has no id that can be used. */
export function subjectOf(entry: Entry, id: IdAttribute): string | null {
  return id === 'objectGUID' ? guidOf(entry) : uuidOf(entry)
}

/** The text values of an attribute. Its name may be spelled in any case; values that are not text are left out. */
export function valuesOf(entry: Entry, attribute: string): string[] {
  const value = rawOf(entry, attribute)
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string')
}

function rawOf(entry: Entry, attribute: string): Entry[string] {
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase())
  return (name === undefined ? undefined : entry[name]) ?? []
}

/** The bytes of an attribute with one value. Null: it is missing. */
export function bytesOf(entry: Entry, attribute: string): Buffer | null {
  const value = rawOf(entry, attribute)
  const first = Array.isArray(value) ? value[0] : value
  return Buffer.isBuffer(first) ? first : null
}

function uuidOf(entry: Entry): string | null {
  const [text = ''] = valuesOf(entry, 'entryUUID')
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : null
}

function guidOf(entry: Entry): string | null {
  const bytes = bytesOf(entry, 'objectGUID')
  if (bytes?.length !== 16) return null
  const hex = swapped(bytes).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The value of `objectGUID` for its text. */
export function bytesOfGuid(text: string): Buffer {
  return swapped(Buffer.from(text.replaceAll('-', ''), 'hex'))
}

/** The first three fields of a GUID are in little-endian order (MS-DTYP §2.3.4.2). */
function swapped(bytes: Buffer): Buffer {
  const fields = [bytes.subarray(0, 4), bytes.subarray(4, 6), bytes.subarray(6, 8)]
  return Buffer.concat([...fields.map((field) => field.toReversed()), bytes.subarray(8)])
}

/** The bit of `userAccountControl` for a disabled account (MS-ADTS §2.2.16). */
const disabledBit = 2
/** `pwdAccountLockedTime` of an account that only an administrator can unlock (draft-behera-ldap-password-policy §5.3.3). */
const lockedForGood = '000001010000Z'
const dayMs = 24 * 60 * 60_000
/** From 1601, where Active Directory begins to count, to 1970. */
const filetimeOffsetMs = 11_644_473_600_000

/** Is the account disabled, locked for good, or expired? A lock after wrong passwords ends by itself and does not count. */
export function isDisabled(entry: Entry, now: Date): boolean {
  const [control = '0'] = valuesOf(entry, 'userAccountControl')
  const [locked] = valuesOf(entry, 'pwdAccountLockedTime')
  const [nsLock = ''] = valuesOf(entry, 'nsAccountLock')
  const isLocked = (Number(control) & disabledBit) !== 0 || locked === lockedForGood || nsLock.toLowerCase() === 'true'
  return isLocked || expiryOf(entry) <= now.getTime()
}

/** In milliseconds since 1970; `Infinity` if the account does not expire. */
function expiryOf(entry: Entry): number {
  const [days = '-1'] = valuesOf(entry, 'shadowExpire')
  const byShadow = Number(days) >= 0 ? Number(days) * dayMs : Number.POSITIVE_INFINITY
  const [filetime = '0'] = valuesOf(entry, 'accountExpires')
  // In steps of 100 ns. 0 and 2^63 − 1 mean never.
  const never = filetime === '0' || filetime === '9223372036854775807'
  return Math.min(byShadow, never ? Number.POSITIVE_INFINITY : Number(filetime) / 10_000 - filetimeOffsetMs)
}
