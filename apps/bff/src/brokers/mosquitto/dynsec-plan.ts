/** Compares what dynsec has with what it shall have, and returns the commands between the two. Pure. */
import { randomBytes } from 'node:crypto'
import type { DynsecAcl } from './acls.ts'
import type { DynsecClient } from './desired-state.ts'
import type { DynsecCommand, FoundClient, FoundRole, FoundState } from './dynsec.ts'

/**
 * The role of all clients that the console manages. It gives no rights. It tells them from foreign clients, and one change of its
 * ACLs makes Mosquitto disconnect all of them at once.
 */
export const markRole = 'gatehouse'

export function roleOf(username: string): string {
  return `u:${username}`
}

export function isManaged({ username, roles }: FoundClient): boolean {
  return roles.includes(markRole) || roles.includes(roleOf(username))
}

/** Takes the client away first: that ends its rights and its connections. A role that clients still have would crash Mosquitto 2.0. */
export function planRemoval(found: FoundState, username: string): DynsecCommand[] {
  return [
    ...(found.clients.has(username) ? [{ command: 'deleteClient', username }] : []),
    ...(found.roles.has(roleOf(username)) ? [{ command: 'deleteRole', rolename: roleOf(username) }] : []),
  ]
}

/**
 * The commands for one user. None: dynsec has it so already. `takesRights`: run it before those that only give rights. `kick`: ends
 * the user's connections where the commands do not.
 */
export function planClient(
  found: FoundState,
  client: DynsecClient,
): { commands: DynsecCommand[]; takesRights: boolean; kick: DynsecCommand | null } {
  const { username, acls } = client
  const rolename = roleOf(username)
  const role = found.roles.get(rolename)
  const before = found.clients.get(username)
  const change = changeOf(before, client)
  const isRoleEqual = role !== undefined && isSameRole(role, acls)
  const takesRights =
    (role !== undefined && !isRoleEqual && takesAcls(role, acls)) || (before !== undefined && change !== null)
  const wire = acls.map(({ acltype, topic, priority, allow }) => ({ acltype, topic, priority, allow }))
  return {
    takesRights,
    // `modifyClient` disconnects the client. A changed role alone does not.
    kick: takesRights && change === null ? { command: 'modifyClient', username } : null,
    commands: [
      ...(role === undefined ? [{ command: 'createRole', rolename, acls: wire }] : []),
      ...(role !== undefined && !isRoleEqual ? [{ command: 'modifyRole', rolename, acls: wire }] : []),
      // Never with `roles`: deleting such a role later crashes Mosquitto 2.0 (upstream #2660).
      ...(before === undefined ? [{ command: 'createClient', username, textdescription: '' }] : []),
      ...(before?.isDisabled ? [{ command: 'enableClient', username }] : []),
      ...(change ?? []),
    ],
  }
}

/** Sets a password that nobody knows: dynsec has no command that removes one. */
function changeOf(before: FoundClient | undefined, { username, passwordTag }: DynsecClient): DynsecCommand[] | null {
  const wanted = [roleOf(username), markRole]
  const isOwn = before === undefined || isManaged(before)
  const tag = before === undefined ? null : passwordTagIn(before)
  const hasOldPassword = !isOwn || (tag !== null && tag !== passwordTag)
  const hasRoles = before !== undefined && isSameSet(before.roles, wanted) && before.groups.length === 0
  if (hasRoles && !hasOldPassword) return null
  return [
    {
      command: 'modifyClient',
      username,
      ...(!hasRoles && { roles: wanted.map((rolename) => ({ rolename })), groups: [] }),
      ...(hasOldPassword && { password: randomBytes(32).toString('base64url'), textdescription: '' }),
    },
  ]
}

/** Sets the password together with its tag, in one command. */
export function planPassword(username: string, { password, tag }: { password: string; tag: string }): DynsecCommand {
  return { command: 'modifyClient', username, password, textdescription: tagPrefix + tag }
}

const tagPrefix = 'password '

/** The tag of the password that a managed client has. Null: none that the console set. */
export function passwordTagIn({ textdescription }: FoundClient): string | null {
  return textdescription.startsWith(tagPrefix) ? textdescription.slice(tagPrefix.length) : null
}

/** What dynsec has once the commands of `planClient` have succeeded. */
export function foundAfter(found: FoundState, { username, acls, passwordTag }: DynsecClient): void {
  const before = found.clients.get(username)
  const tag = before && isManaged(before) ? passwordTagIn(before) : null
  found.roles.set(roleOf(username), { rolename: roleOf(username), acls: [...acls] })
  found.clients.set(username, {
    username,
    textdescription: tag !== null && tag === passwordTag ? tagPrefix + tag : '',
    roles: [roleOf(username), markRole],
    groups: [],
    isDisabled: false,
  })
}

/** What dynsec has once the commands of `planRemoval` have succeeded. */
export function forget(found: FoundState, username: string): void {
  found.clients.delete(username)
  found.roles.delete(roleOf(username))
}

function isSameRole({ acls }: FoundRole, wanted: readonly DynsecAcl[]): boolean {
  return isSameSet(acls.map(keyOf), wanted.map(keyOf))
}

/** True unless the new ACLs only add rights. */
export function takesAcls({ acls }: Pick<FoundRole, 'acls'>, wanted: readonly DynsecAcl[]): boolean {
  const kept = new Set(wanted.map(keyOf))
  const before = new Set(acls.map(keyOf))
  return (
    acls.some((acl) => acl.allow && !kept.has(keyOf(acl))) ||
    wanted.some((acl) => !acl.allow && !before.has(keyOf(acl)))
  )
}

function keyOf({ acltype, topic, priority, allow }: Omit<DynsecAcl, 'acltype'> & { acltype: string }): string {
  return `${acltype} ${priority} ${allow} ${topic}`
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  const set = new Set(other)
  return one.length === other.length && one.every((each) => set.has(each))
}
