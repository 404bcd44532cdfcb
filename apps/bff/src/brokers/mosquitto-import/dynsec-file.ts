/** `dynamic-security.json` as Mosquitto's plugin reads it: what it skips is skipped here too, and said. */
import { maxImportedUsers } from '@gatehouse/contract/brokers/mosquitto-import'
import { type ForeignHash, readForeignHash } from '../../identity/passwords/imported-hash.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Findings, Place } from './findings.ts'
import type { GivenFile } from './source-lines.ts'
import type { WrittenRule } from './topics.ts'

const aclTypes = [
  'publishClientSend',
  'publishClientReceive',
  'subscribeLiteral',
  'subscribePattern',
  'unsubscribeLiteral',
  'unsubscribePattern',
] as const
export type AclType = (typeof aclTypes)[number]

export interface DynsecAcl extends WrittenRule {
  type: AclType
  priority: number
}

export interface DynsecRole {
  name: string
  description: string | null
  /** By priority, the highest first; equal ones in the order of the file. */
  acls: DynsecAcl[]
  place: Place
}

interface Held {
  name: string
  priority: number
}

export interface DynsecClient {
  username: string
  displayName: string | null
  disabled: boolean
  hash: ForeignHash | null
  roles: Held[]
  place: Place
}

export interface DynsecGroup {
  name: string
  roles: Held[]
  /** Usernames, with the priority of the group for each. */
  clients: Held[]
}

export interface DynsecFile {
  defaults: { send: boolean; receive: boolean; subscribe: boolean; place: Place }
  clients: Map<string, DynsecClient>
  roles: Map<string, DynsecRole>
  groups: DynsecGroup[]
}

type Json = Record<string, unknown>

/** Null if the text is no such file. The caller yields to the event loop before and after: parsing is one step. */
export function readDynsecFile(file: GivenFile, findings: Findings): DynsecFile | null {
  const json = parse(file.text)
  if (!json) {
    findings.add('file_unreadable', { file: file.path, line: null, text: '' })
    return null
  }
  const source = { file, findings }
  if (itemsOf(json['clients']).length > maxImportedUsers) throw new Problem('import_too_large')
  const read: DynsecFile = {
    defaults: readDefaults(json['defaultACLAccess'], source),
    clients: byName(
      itemsOf(json['clients']).flatMap((each) => readClient(each, source)),
      'username',
      source,
    ),
    roles: byName(
      itemsOf(json['roles']).flatMap((each) => readRole(each, source)),
      'name',
      source,
    ),
    groups: itemsOf(json['groups']).flatMap(readGroup),
  }
  const anonymous = textOf(json['anonymousGroup'])
  if (anonymous) findings.add('anonymous_rights', at(source, `anonymousGroup ${anonymous}`))
  return read
}

interface Source {
  file: GivenFile
  findings: Findings
}

function at({ file }: Source, text: string): Place {
  return { file: file.path, line: null, text }
}

function parse(text: string): Json | null {
  try {
    const json: unknown = JSON.parse(text)
    return isObject(json) ? json : null
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function itemsOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && !value.includes('\0') ? value : null
}

function priorityOf({ priority }: Json, otherwise: number): number {
  return typeof priority === 'number' && Number.isFinite(priority) ? Math.trunc(priority) : otherwise
}

/** The first one of a name counts. */
function byName<K extends 'name' | 'username', T extends { place: Place } & Record<K, string>>(
  all: readonly T[],
  key: K,
  { findings }: Source,
): Map<string, T> {
  const found = new Map<string, T>()
  for (const each of all) {
    if (found.has(each[key])) findings.add(key === 'username' ? 'username_twice' : 'line_invalid', each.place)
    else found.set(each[key], each)
  }
  return found
}

/** A file without defaults denies everything. */
function readDefaults(value: unknown, source: Source): DynsecFile['defaults'] {
  const given = isObject(value) ? value : {}
  if (given['unsubscribe'] === false)
    source.findings.add('unsubscribe_denied', at(source, 'defaultACLAccess unsubscribe'))
  return {
    send: given['publishClientSend'] === true,
    receive: given['publishClientReceive'] === true,
    subscribe: given['subscribe'] === true,
    place: at(source, 'defaultACLAccess'),
  }
}

function readClient(json: Json, source: Source): DynsecClient[] {
  const { findings } = source
  const username = textOf(json['username'])
  if (!username) {
    findings.add('line_invalid', at(source, 'clients'))
    return []
  }
  const place = at(source, `client ${username}`)
  const written = hashTextOf(json)
  const hash = written === null ? null : readForeignHash(written)
  if (typeof hash === 'string') findings.add(hash, place, username)
  if (textOf(json['clientid'])) findings.add('client_id_not_bound', place, username)
  return [
    {
      username,
      displayName: textOf(json['textname']),
      disabled: json['disabled'] === true,
      hash: typeof hash === 'string' ? null : hash,
      roles: readHeld(json['roles'], 'rolename'),
      place,
    },
  ]
}

/** Mosquitto 2.1 writes one text, Mosquitto 2.0 the parts of PBKDF2. */
function hashTextOf(json: Json): string | null {
  const encoded = textOf(json['encoded_password'])
  if (encoded) return encoded
  const [salt, password] = [textOf(json['salt']), textOf(json['password'])]
  if (!salt || !password || typeof json['iterations'] !== 'number') return null
  return `$7$${json['iterations']}$${salt}$${password}`
}

function readHeld(value: unknown, key: 'rolename' | 'username'): Held[] {
  return itemsOf(value).flatMap((each) => {
    const name = textOf(each[key])
    return name ? [{ name, priority: priorityOf(each, -1) }] : []
  })
}

function readRole(json: Json, source: Source): DynsecRole[] {
  const name = textOf(json['rolename'])
  if (!name) return []
  const place = at(source, `role ${name}`)
  if (json['allowwildcardsubs'] === false) source.findings.add('wildcards_allowed', place)
  const acls = itemsOf(json['acls']).flatMap((each) => readAcl(each, { name, source }))
  return [
    {
      name,
      description: textOf(json['textdescription']) ?? textOf(json['textname']),
      acls: acls.toSorted((one, other) => other.priority - one.priority),
      place,
    },
  ]
}

function readAcl(json: Json, { name, source }: { name: string; source: Source }): DynsecAcl[] {
  const [type, topic] = [textOf(json['acltype']), textOf(json['topic'])]
  const place = at(source, `role ${name}: ${type ?? '?'} ${topic ?? '?'}`)
  // The plugin compares types without regard to case.
  const known = aclTypes.find((each) => each.toLowerCase() === type?.toLowerCase())
  if (!known || !topic) {
    source.findings.add('line_invalid', place)
    return []
  }
  const allow = json['allow'] === true
  if (known.startsWith('unsubscribe') && !allow) source.findings.add('unsubscribe_denied', place)
  return [{ type: known, topic, allow, priority: priorityOf(json, 0), place }]
}

function readGroup(json: Json): DynsecGroup[] {
  const name = textOf(json['groupname'])
  if (!name) return []
  return [{ name, roles: readHeld(json['roles'], 'rolename'), clients: readHeld(json['clients'], 'username') }]
}
