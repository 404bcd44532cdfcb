/** Which groups a person is in, by the modes that directories know. Groups of groups count where the settings say so. */
import type { LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import { AndFilter, type Entry, EqualityFilter, ExtensibleFilter, type Filter, FilterParser, OrFilter } from 'ldapts'
import type { LRUCache } from 'lru-cache'
import type { Search } from './connection.ts'
import { normalDn } from './dn.ts'
import { bytesOf, type Person, valuesOf } from './entry.ts'
import { DirectoryFault } from './faults.ts'
import { rangedValues } from './ranged-values.ts'

export interface GroupSource {
  settings: LdapSettings
  server: ServerFacts
  search(search: Search): Promise<Entry[]>
  /** The groups of groups that a sweep has read, by name: many persons are in the same groups. */
  known?: LRUCache<string, Promise<string[] | null>>
}

/** What the directory says of itself. */
export interface ServerFacts {
  isActiveDirectory: boolean
  /** The root of the domain. Null: it names none. */
  namingContext: string | null
}

/** More than a person has. A directory with more is misconfigured, or the answer is not complete. */
const maxGroups = 2_000
const maxLevels = 20
/** Names in one filter. */
const namesInFilter = 100
const inChain = '1.2.840.113556.1.4.1941' // LDAP_MATCHING_RULE_IN_CHAIN, MS-ADTS §3.1.1.3.4.4.3

/** The DNs of the groups, or the values of the attribute. Null: the directory could not name them all. */
export async function groupsOf(source: GroupSource, person: Person): Promise<string[] | null> {
  const { settings, server } = source
  if (settings.groups === 'attribute') return rangedValues(source.search, person.entry, settings.rolesAttribute ?? '')
  if (settings.groups === 'memberOf')
    return closure(await directByAttribute(source, person), source, parentsByAttribute)
  return settings.groups === 'in-chain' && server.isActiveDirectory
    ? allInChain(source, person)
    : allBySearch(source, person)
}

/** Groups by `memberOf` of the person. In Active Directory the primary group is not among them. */
async function directByAttribute(source: GroupSource, person: Person): Promise<string[] | null> {
  const named = await rangedValues(source.search, person.entry, 'memberOf')
  return named && [...(await primaryGroupOf(source, person)), ...named]
}

/** Its SID is the domain's, with `primaryGroupID` at the end (MS-ADTS §3.1.1.4.5.11). */
async function primaryGroupOf({ search, server, settings }: GroupSource, { entry }: Person): Promise<string[]> {
  if (!server.isActiveDirectory) return []
  const sid = bytesOf(entry, 'objectSid')
  const [rid] = valuesOf(entry, 'primaryGroupID')
  if (!sid || sid.length < 12 || rid === undefined) return []
  const groupSid = Buffer.from(sid)
  groupSid.writeUInt32LE(Number(rid), sid.length - 4)
  const filter = new EqualityFilter({ attribute: 'objectSid', value: groupSid })
  const base = server.namingContext ?? settings.searchBase
  return (await search({ base, scope: 'sub', filter, attributes: ['1.1'], limit: 2 })).map(({ dn }) => dn)
}

async function allInChain(source: GroupSource, person: Person): Promise<string[] | null> {
  const [primary, own] = await Promise.all([primaryGroupOf(source, person), searchInChain(source, [person.dn])])
  const inherited = await searchInChain(source, primary)
  return own && inherited && [...new Set([...primary, ...own, ...inherited])]
}

function searchInChain(source: GroupSource, dns: readonly string[]): Promise<string[] | null> {
  const { memberAttribute } = source.settings
  return searchGroups(
    source,
    dns.map((value) => new ExtensibleFilter({ matchType: memberAttribute, rule: inChain, value })),
  )
}

async function allBySearch(source: GroupSource, person: Person): Promise<string[] | null> {
  const { memberAttribute, usernameAttribute } = source.settings
  // Groups of RFC 2307 name usernames, not entries.
  const isByName = memberAttribute.toLowerCase() === 'memberuid'
  const [name = person.dn] = isByName ? valuesOf(person.entry, usernameAttribute) : [person.dn]
  const [primary, direct] = await Promise.all([primaryGroupOf(source, person), parentsBySearch(source, [name])])
  return closure(direct && [...primary, ...direct], source, isByName ? async () => [] : parentsBySearch)
}

type Parents = (source: GroupSource, dns: readonly string[]) => Promise<string[] | null>

/** Breadth first; a group that was seen is not followed again, so that a cycle ends. */
async function closure(direct: string[] | null, source: GroupSource, parentsOf: Parents): Promise<string[] | null> {
  if (!direct || !source.settings.nestedGroups) return direct
  const seen = new Map(direct.map((dn) => [normalDn(dn) ?? dn, dn]))
  let frontier = [...seen.values()]
  for (let level = 0; frontier.length > 0; level++) {
    if (seen.size > maxGroups || level > maxLevels) return null
    const parents = await knownOr(parentsOf, source, frontier)
    if (!parents) return null
    frontier = []
    for (const dn of parents) {
      const key = normalDn(dn) ?? dn
      if (seen.has(key)) continue
      seen.set(key, dn)
      frontier.push(dn)
    }
  }
  return [...seen.values()]
}

/** Reads one group after the other where the results are kept, else all in one request. */
async function knownOr(parentsOf: Parents, source: GroupSource, dns: readonly string[]): Promise<string[] | null> {
  const { known } = source
  if (!known) return parentsOf(source, dns)
  const found = await Promise.all(
    dns.map((dn) => {
      const parents = known.get(dn) ?? parentsOf(source, [dn])
      known.set(dn, parents)
      return parents
    }),
  )
  return found.includes(null) ? null : found.flatMap((parents) => parents ?? [])
}

async function parentsBySearch(source: GroupSource, names: readonly string[]): Promise<string[] | null> {
  const { memberAttribute } = source.settings
  return searchGroups(
    source,
    names.map((value) => new EqualityFilter({ attribute: memberAttribute, value })),
  )
}

async function parentsByAttribute({ search }: GroupSource, dns: readonly string[]): Promise<string[] | null> {
  const filter = FilterParser.parseString('(objectClass=*)')
  const found = await Promise.all(
    dns.map(async (base) => {
      const [entry] = await search({ base, scope: 'base', filter, attributes: ['memberOf'], limit: 1 }).catch(
        noneIfMissing,
      )
      return entry ? rangedValues(search, entry, 'memberOf') : []
    }),
  )
  return found.includes(null) ? null : found.flatMap((values) => values ?? [])
}

/** A group in a part of the directory that this account may not read has no parents for us. */
function noneIfMissing(error: unknown): Entry[] {
  if (error instanceof DirectoryFault && error.problem === 'base_not_found') return []
  throw error
}

/** The groups for which one of the filters holds. */
async function searchGroups({ settings, search }: GroupSource, byMember: readonly Filter[]): Promise<string[] | null> {
  const { groupBase, groupFilter, searchBase } = settings
  const asked: Promise<Entry[]>[] = []
  for (let at = 0; at < byMember.length; at += namesInFilter) {
    const filters: Filter[] = [new OrFilter({ filters: byMember.slice(at, at + namesInFilter) })]
    if (groupFilter !== null) filters.push(FilterParser.parseString(groupFilter))
    const filter = new AndFilter({ filters })
    asked.push(search({ base: groupBase ?? searchBase, scope: 'sub', filter, attributes: ['1.1'], limit: null }))
  }
  const found = await Promise.all(asked)
  return found.some(({ length }) => length > maxGroups) ? null : found.flat().map(({ dn }) => dn)
}
