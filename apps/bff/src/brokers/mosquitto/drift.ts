/** Finds what another program has changed in dynsec, such as `mosquitto_ctrl`. Pure. */
import type { DynsecClient } from './desired-state.ts'
import type { DynsecCommand, FoundClient, FoundState } from './dynsec.ts'
import { isMarkChanged, wantedDefaults } from './dynsec-base.ts'
import { isManaged, markRole, planClient, roleOf } from './dynsec-plan.ts'

export interface Drift {
  /** Users who are not as the console wants them. */
  changed: string[]
  /** Clients, roles and groups that the console did not make. */
  clients: string[]
  roles: string[]
  groups: string[]
  /** Default access that differs, such as `publishClientReceive`. */
  defaults: string[]
}

/** `controlUser`: the client by which the console administers the broker. It and its roles are not drift. */
export function findDrift(
  found: FoundState,
  { wanted, controlUser }: { wanted: ReadonlyMap<string, DynsecClient>; controlUser: string },
): Drift {
  const own = found.clients.get(controlUser)
  const ownGroups = new Set(own?.groups)
  const ownRoles = new Set([...(own?.roles ?? []), markRole])
  const changed = [...wanted.values()].filter((client) => planClient(found, client).commands.length > 0)
  const left = [...found.clients.values()].filter(({ username }) => username !== controlUser && !wanted.has(username))
  const isWantedRole = (name: string) => name.startsWith('u:') && wanted.has(name.slice(2))
  return {
    changed: [...changed, ...left.filter(isManaged)].map(({ username }) => username),
    clients: left.filter((client) => !isManaged(client)).map(({ username }) => username),
    roles: [
      ...[...found.roles.keys()].filter((name) => !ownRoles.has(name) && !isWantedRole(name) && !isLeft(name, left)),
      ...(isMarkChanged(found) ? [markRole] : []),
    ],
    groups: found.groups.filter((name) => !ownGroups.has(name)),
    defaults: Object.keys(wantedDefaults).filter((type) => found.defaults.get(type) !== wantedDefaults[type]),
  }
}

/** The role of a managed client that is reported already. */
function isLeft(name: string, left: readonly FoundClient[]): boolean {
  return left.some((client) => isManaged(client) && roleOf(client.username) === name)
}

export function isDrifted(drift: Drift): boolean {
  return Object.values(drift).some((names: string[]) => names.length > 0)
}

/** Removes what is foreign. Clients before roles: deleting a role that clients have can crash Mosquitto 2.0. */
export function planRestoration({ clients, roles, groups }: Drift): DynsecCommand[] {
  return [
    ...clients.map((username) => ({ command: 'deleteClient', username })),
    ...groups.map((groupname) => ({ command: 'deleteGroup', groupname })),
    // The role of all managed clients stays: `planBase` empties it.
    ...roles.filter((rolename) => rolename !== markRole).map((rolename) => ({ command: 'deleteRole', rolename })),
  ]
}
