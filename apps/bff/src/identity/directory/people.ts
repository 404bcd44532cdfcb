/** Finds persons, and proves that somebody knows a person's password. */
import type { LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import { Username } from '@gatehouse/contract/identity/users'
import { AndFilter, DN, EqualityFilter, type Filter, FilterParser, PresenceFilter } from 'ldapts'
import { type Directory, type Searching, searchingOn } from './directory.ts'
import { binaryAttributes, type Person, personAttributes, readPerson, valuesOf } from './entry.ts'
import { DirectoryFault } from './faults.ts'
import { type GroupSource, groupsOf } from './groups.ts'

/** A person with the groups. Null groups: the directory could not name them all. */
export interface FoundPerson extends Omit<Person, 'entry' | 'dn'> {
  groups: readonly string[] | null
}

interface Claim {
  username: string
  password: string
  now: Date
}

/** The person if the password is right; null: name or password is wrong. Rejects with `DirectoryFault`. */
export async function proveByDirectory(
  directory: Directory,
  { username, password, now }: Claim,
): Promise<FoundPerson | null> {
  // Directories fold names in ways of their own: only our spelling of a username is looked for.
  if (password === '' || !Username.safeParse(username).success) return null
  if (directory.settings.bind === 'direct') return proveDirect(directory, { username, password, now })
  const person = await directory.asService((searching) => findPerson(searching, directory.settings, { username, now }))
  if (!person) return null
  // At the same time, so that a sign-in takes three round trips. The groups count only if the password is right.
  const [isRight, found] = await Promise.all([
    directory.withConnection((connection) => connection.bind(person.dn, password)),
    directory.asService((searching) => withGroups(searching, directory.settings, person)),
  ])
  return isRight ? found : null
}

/** Without a service account the person reads the own entry. */
async function proveDirect(directory: Directory, { username, password, now }: Claim) {
  const { settings } = directory
  const dn = directDn(settings, username)
  return directory.withConnection(async (connection) => {
    if (!(await connection.bind(dn, password))) return null
    const searching = await searchingOn(connection, settings)
    const person = await readOwn(searching, settings, { dn, now })
    return person && withGroups(searching, settings, person)
  })
}

/** The DN of a person for direct binds. */
export function directDn({ userRdn, usernameAttribute, searchBase }: LdapSettings, username: string): string {
  return `${new DN().addPairRDN(userRdn ?? usernameAttribute, username).toString()},${searchBase}`
}

export async function readOwn(searching: Searching, settings: LdapSettings, { dn, now }: { dn: string; now: Date }) {
  const filter = settings.userFilter === null ? anything : FilterParser.parseString(settings.userFilter)
  const attributes = personAttributes(settings, searching.id)
  const [entry] = await searching.search({
    base: dn,
    scope: 'base',
    filter,
    attributes,
    binary: binaryAttributes,
    limit: 1,
  })
  return entry ? readPerson(entry, { settings, id: searching.id, now }) : null
}

/** Null: there is none. Rejects with `several_persons` if the name is not unique. */
export async function findPerson(
  searching: Searching,
  settings: LdapSettings,
  { username, now }: { username: string; now: Date },
): Promise<Person | null> {
  const { searchBase: base, usernameAttribute: attribute } = settings
  const filter = personFilter(settings, new EqualityFilter({ attribute, value: username }))
  const attributes = personAttributes(settings, searching.id)
  const found = await searching.search({ base, scope: 'sub', filter, attributes, binary: binaryAttributes, limit: 2 })
  if (found.length > 1) throw new DirectoryFault('several_persons')
  const person = found[0] ? readPerson(found[0], { settings, id: searching.id, now }) : null
  // A second name of the same person would be a second throttle.
  return person?.username.toLowerCase() === username.toLowerCase() ? person : null
}

/** Persons for whom this holds, and the filter of the settings. */
export function personFilter({ userFilter }: LdapSettings, filter: Filter): Filter {
  return userFilter === null ? filter : new AndFilter({ filters: [filter, FilterParser.parseString(userFilter)] })
}

export const anything = new PresenceFilter({ attribute: 'objectClass' })

export async function withGroups(
  searching: Searching & Pick<GroupSource, 'known'>,
  settings: LdapSettings,
  person: Person,
): Promise<FoundPerson> {
  const [groups, isFiltered] = await Promise.all([
    groupsOf({ settings, ...searching }, person).catch(noneNamed),
    matchesDisabled(searching, settings, person),
  ])
  const { subject, username, displayName, isDisabled } = person
  return { subject, username, displayName, isDisabled: isDisabled || isFiltered, groups }
}

/** The directory answers, but does not show the groups: a missing base, or missing rights. */
function noneNamed(error: unknown): null {
  const isAnswer =
    error instanceof DirectoryFault &&
    ['base_not_found', 'not_permitted_there', 'unexpected_answer'].includes(error.problem)
  if (isAnswer) return null
  throw error
}

/**
 * Every account of Active Directory has `userAccountControl`. Throws `not_permitted_there` where the service account may not read it:
 * disabled persons would look enabled. A sign-in does not need it, because the directory refuses the bind of a disabled person.
 */
export function requireState({ server }: Pick<Searching, 'server'>, { entry }: Person): void {
  const isHidden = server.isActiveDirectory && valuesOf(entry, 'userAccountControl').length === 0
  if (isHidden) throw new DirectoryFault('not_permitted_there')
}

/** Does the person match the filter of the settings for disabled accounts? The directory decides. */
export async function matchesDisabled(
  { search }: Searching,
  { disabledFilter }: LdapSettings,
  { dn }: Person,
): Promise<boolean> {
  if (disabledFilter === null) return false
  const filter = FilterParser.parseString(disabledFilter)
  return (await search({ base: dn, scope: 'base', filter, attributes: ['1.1'], limit: 1 })).length > 0
}

/** The person as the service account sees it, without a password. Null: there is none. */
export async function describePerson(
  directory: Directory,
  { username, now }: { username: string; now: Date },
): Promise<FoundPerson | null> {
  if (directory.settings.bind === 'direct') return null
  return directory.asService(async (searching) => {
    const person = await findPerson(searching, directory.settings, { username, now })
    return person && withGroups(searching, directory.settings, person)
  })
}
