/** What the broker reads: one read for each CONNECT. What is read may be old by the time it is used: see `sign-in.ts`. */
import type { Permission } from '@gatehouse/contract/permissions'
import type { UserFacts } from '../broker/port.ts'
import { type AnchorStore, prepareAnchors } from '../broker-trust/anchor-store.ts'
import { prepareRevocations, type RevocationStore } from '../broker-trust/store.ts'
import type { DatabasePlace } from '../db/open.ts'
import { openPreparedReader, type Words } from '../db/prepared-reader.ts'

export interface StoredUser extends UserFacts {
  /** Changes whenever the password does: what was proved with another one no longer counts. */
  credential: string | null
}

export interface BrokerStore extends AnchorStore, RevocationStore {
  /** Matched exactly; names are unique without regard to case, so at most one comes into question. */
  findUser(username: string): Promise<StoredUser | null>
  /** By id; whoever is not there is missing. */
  findUsersById(userIds: readonly string[]): Promise<Map<string, StoredUser>>
  /** Changes with each commit of any other connection, also of another process. */
  dataVersion(): Promise<number>
  close(): Promise<void>
}

interface UserRow {
  id: string
  username: string
  disabled_at: string | null
  mqtt_publish_prefix: string | null
  password_hash: string | null
  grants: string
  permissions: string
}

export function openStore(place: DatabasePlace): BrokerStore {
  const reader = openPreparedReader(place)
  const byName = reader.prepare<UserRow>((words) => `${selectUser(words)} where u.username_folded = ?`)
  const byIds = reader.prepare<UserRow>((words) => `${selectUser(words)} where u.id in (${words.elements('?')})`)
  return {
    findUser: async (username) => {
      const [row] = await byName(username.toLowerCase())
      return row?.username === username ? toUser(row) : null
    },
    findUsersById: async (userIds) => {
      const rows = await byIds(JSON.stringify(userIds))
      return new Map(rows.map((row) => [row.id, toUser(row)]))
    },
    ...prepareAnchors(reader),
    ...prepareRevocations(reader),
    dataVersion: () => reader.dataVersion(),
    close: () => reader.close(),
  }
}

/**
 * `cross join`: SQLite is to go from the roles of the user to what they allow. It would go through all that any role allows, because
 * that comes in the wanted order: 1.9 ms among a thousand roles instead of 0.03.
 */
function selectUser({ list, array }: Words): string {
  return `
    select u.id, u.username, u.disabled_at, u.mqtt_publish_prefix, u.password_hash,
      (select ${list(array('method', 'is_required'))} from user_grants where user_id = u.id) as grants,
      (select ${list(array('resource', 'operation'))} from (
        select resource, operation from user_permissions where user_id = u.id and context = 'mqtt'
        union
        select p.resource, p.operation from user_roles r cross join role_permissions p
          where r.user_id = u.id and p.role_id = r.role_id and p.context = 'mqtt'
        order by resource, operation
      ) as allowed) as permissions
    from users u`
}

function toUser(row: UserRow): StoredUser {
  const grants: [UserFacts['grants'][number]['method'], 0 | 1][] = JSON.parse(row.grants)
  const permissions: [string, Permission['operation']][] = JSON.parse(row.permissions)
  return {
    id: row.id,
    username: row.username,
    disabledAt: row.disabled_at,
    grants: grants.map(([method, isRequired]) => ({ method, isRequired: isRequired === 1 })),
    permissions: permissions.map(([resource, operation]) => ({ context: 'mqtt', resource, operation })),
    mqttPublishPrefix: row.mqtt_publish_prefix,
    credential: row.password_hash,
  }
}
