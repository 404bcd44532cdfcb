/** What dynsec needs before the first user: default access that denies, and the role of all managed clients. Pure. */
import { covers } from '@gatehouse/contract/access/topic'
import { type DynsecCommand, dynsecTopic, type FoundState } from './dynsec.ts'
import { isManaged, markRole } from './dynsec-plan.ts'

/** Nobody may do anything that no role allows. To unsubscribe is harmless. */
export const wantedDefaults: Readonly<Record<string, boolean>> = {
  publishClientSend: false,
  publishClientReceive: false,
  subscribe: false,
  unsubscribe: true,
}

export function planBase(found: FoundState): DynsecCommand[] {
  const wanted = Object.entries(wantedDefaults)
  const isDenied = wanted.every(([type, allow]) => found.defaults.get(type) === allow)
  const acls = wanted.map(([acltype, allow]) => ({ acltype, allow }))
  return [
    ...(isDenied ? [] : [{ command: 'setDefaultACLAccess', acls }]),
    ...(found.roles.has(markRole) ? [] : [{ command: 'createRole', rolename: markRole }]),
    ...(isMarkChanged(found) ? [{ command: 'modifyRole', rolename: markRole, acls: [] }] : []),
  ]
}

/** What dynsec has once the commands of `planBase` have succeeded. */
export function noteBase(found: FoundState): void {
  for (const [type, allow] of Object.entries(wantedDefaults)) found.defaults.set(type, allow)
  if (!found.roles.has(markRole) || isMarkChanged(found)) found.roles.set(markRole, { rolename: markRole, acls: [] })
}

/** Somebody gave this role rights, which all managed clients have then. */
export function isMarkChanged(found: FoundState): boolean {
  return found.roles.get(markRole)?.acls.some(({ topic, allow }) => allow || topic !== kickAcl.topic) === true
}

/** Denies a topic that no client uses. */
const kickAcl = { acltype: 'publishClientSend', topic: 'gatehouse/kick', priority: 0, allow: false }

/** Ends the connections of these users; null: of all. They may come back at once, so their rights or their trust end first. */
export function planKicks(found: FoundState, usernames: readonly string[] | null): DynsecCommand[] {
  if (usernames === null) return [planKickOfAll(found)]
  return usernames
    .filter((username) => found.clients.has(username))
    .map((username) => ({ command: 'modifyClient', username }))
}

/** More than half of the managed clients. */
export function areMost(found: FoundState, usernames: readonly string[]): boolean {
  const managed = [...found.clients.values()].filter(isManaged)
  return usernames.length * 2 > managed.length
}

/** One command that ends the connections of all managed clients: a changed ACL of the role that they have in common. */
function planKickOfAll(found: FoundState): DynsecCommand {
  const { acltype, topic } = kickAcl
  const role = found.roles.get(markRole)
  if (role?.acls.some((acl) => acl.topic === topic)) {
    found.roles.set(markRole, { rolename: markRole, acls: [] })
    return { command: 'removeRoleACL', rolename: markRole, acltype, topic }
  }
  found.roles.set(markRole, { rolename: markRole, acls: [kickAcl] })
  return { command: 'addRoleACL', rolename: markRole, ...kickAcl }
}

/** True if a role of the control user lets it receive answers although the default denies. */
export function mayReceive(found: FoundState, controlUser: string): boolean {
  const roles = found.clients.get(controlUser)?.roles ?? []
  return roles.some((name) =>
    found.roles
      .get(name)
      ?.acls.some(
        ({ acltype, topic, allow }) =>
          acltype === 'publishClientReceive' && allow && covers(topic, `${dynsecTopic}/response`),
      ),
  )
}
