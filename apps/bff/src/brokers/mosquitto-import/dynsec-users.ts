/** The clients and roles of a `dynamic-security.json`. Roles stay roles; membership of a group becomes its roles and a tag. */
import { maxTagsPerUser, Tag } from '@gatehouse/contract/identity/tags'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { assign } from './assign-roles.ts'
import { addUser, type Draft, type DraftRole } from './draft.ts'
import type { DynsecClient, DynsecFile, DynsecGroup, DynsecRole } from './dynsec-file.ts'
import { permissionsOf } from './dynsec-rights.ts'
import { Findings } from './findings.ts'
import type { RoleNames } from './role-names.ts'

interface Context {
  draft: Draft
  file: DynsecFile
  hasCertificateGrant: boolean
  /** By name in the file. */
  roles: ReadonlyMap<string, DraftRole>
  /** What the defaults allow to every client. */
  byDefault: DraftRole | undefined
}

export async function addDynsecUsers(
  draft: Draft,
  names: RoleNames,
  { file, hasCertificateGrant }: { file: DynsecFile; hasCertificateGrant: boolean },
): Promise<void> {
  const context = { draft, file, hasCertificateGrant, ...addRoles(draft, names, file) }
  const groups = groupsByClient(file)
  const yieldIfDue = createYielder()
  for (const client of file.clients.values()) {
    await yieldIfDue()
    if (draft.users.has(client.username)) draft.findings.add('username_twice', client.place, client.username)
    else addClient(context, client, groups.get(client.username) ?? [])
  }
}

/** The rights of a role alone. What its order among other roles changes is judged for each client. */
function addRoles(draft: Draft, names: RoleNames, file: DynsecFile): Pick<Context, 'roles' | 'byDefault'> {
  const unsaid = { username: null, findings: new Findings(), underDeny: draft.underDeny }
  const alone = { ...file.defaults, send: false, subscribe: false }
  const roles = new Map<string, DraftRole>()
  for (const role of file.roles.values()) {
    const permissions = permissionsOf({ roles: [role], defaults: alone }, unsaid)
    const description = role.description ?? 'Imported from dynamic-security.json'
    const made = { name: names.take(role.name), permissions, description }
    roles.set(role.name, made)
    draft.roles.set(made.name, made)
  }
  const permissions = permissionsOf({ roles: [], defaults: file.defaults }, unsaid)
  if (permissions.length === 0) return { roles, byDefault: undefined }
  const name = names.take('mosquitto defaults')
  const byDefault = { name, permissions, description: 'The default access of dynamic security' }
  draft.roles.set(name, byDefault)
  return { roles, byDefault }
}

interface Membership {
  group: DynsecGroup
  priority: number
}

/** The groups of each client, in the order in which the plugin asks them. */
function groupsByClient({ groups }: DynsecFile): Map<string, Membership[]> {
  const found = new Map<string, Membership[]>()
  for (const group of groups) {
    for (const { name, priority } of group.clients) {
      found.set(name, [...(found.get(name) ?? []), { group, priority }])
    }
  }
  for (const memberships of found.values()) {
    memberships.sort((one, other) => byPriority({ ...one, name: one.group.name }, { ...other, name: other.group.name }))
  }
  return found
}

/** The highest priority first, then by the bytes of the name. */
function byPriority(one: { name: string; priority: number }, other: { name: string; priority: number }): number {
  return other.priority - one.priority || Buffer.compare(Buffer.from(one.name), Buffer.from(other.name))
}

function addClient(context: Context, client: DynsecClient, memberships: readonly Membership[]): void {
  const { draft, file } = context
  const { username, place } = client
  const { findings } = draft
  const held = [client.roles, ...memberships.map(({ group }) => group.roles)].flatMap((roles) =>
    roles.toSorted(byPriority),
  )
  const roles = held.flatMap(({ name }) => {
    const role = file.roles.get(name)
    if (!role) findings.add('role_unknown', { ...place, text: `${place.text}: role ${name}` }, username)
    return role ? [role] : []
  })
  const rights = permissionsOf({ roles, defaults: file.defaults }, { username, findings, underDeny: draft.underDeny })
  const assigned = assign(rights, candidatesOf(context, roles))
  const byName = new Map(roles.map((role) => [context.roles.get(role.name)?.name, role]))
  for (const name of assigned.refused) {
    findings.add('priorities_matter', byName.get(name)?.place ?? file.defaults.place, username)
  }
  addUser(draft, {
    username,
    displayName: client.displayName,
    disabled: client.disabled,
    hash: client.hash,
    hasCertificateGrant: context.hasCertificateGrant,
    roles: assigned.roles,
    permissions: assigned.permissions,
    tags: tagsOf(memberships),
    place,
  })
  if (!client.hash && !context.hasCertificateGrant) findings.add('user_without_password', place, username)
}

function candidatesOf({ roles, byDefault }: Context, held: readonly DynsecRole[]): DraftRole[] {
  const made = held.flatMap(({ name }) => roles.get(name) ?? [])
  return byDefault ? [...made, byDefault] : made
}

function tagsOf(memberships: readonly Membership[]): string[] {
  const tags = memberships.flatMap(({ group }) => {
    const tag = Tag.safeParse(group.name)
    return tag.success ? [tag.data] : []
  })
  return [...new Set(tags)].toSorted().slice(0, maxTagsPerUser)
}
