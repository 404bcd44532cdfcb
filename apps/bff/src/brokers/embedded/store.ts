/** What the broker reads: one read for each CONNECT. What is read may be old by the time it is used: see `sign-in.ts`. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { VouchedUser } from '../../certificates/authorities/vouching.ts'
import {
  type AnchorStore,
  allPermissions,
  prepareAnchors,
  toPermissions,
} from '../../certificates/trust/anchor-store.ts'
import { prepareRevocations, type RevocationStore } from '../../certificates/trust/store.ts'
import { type ChangeReader, prepareChanges } from '../../platform/changes/store.ts'
import type { DatabasePlace } from '../../platform/db/open.ts'
import { openPreparedReader, type Words } from '../../platform/db/prepared-reader.ts'
import type { UserFacts } from './port.ts'

export interface StoredUser extends UserFacts, VouchedUser {
  /** Changes whenever the password does: what was proved with another one no longer counts. */
  credential: string | null
}

export interface BrokerStore extends AnchorStore, RevocationStore, ChangeReader {
  /** Matched exactly; names are unique without regard to case, so at most one comes into question. */
  findUser(username: string): Promise<StoredUser | null>
  /** By id; unknown ids are missing. */
  findUsersById(userIds: readonly string[]): Promise<Map<string, StoredUser>>
  /** Which of these users hold one of these roles. */
  holdersAmong(userIds: readonly string[], roleIds: readonly string[]): Promise<string[]>
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
  confirmations: string
}

export function openStore(place: DatabasePlace): BrokerStore {
  const reader = openPreparedReader(place)
  const byName = reader.prepare<UserRow>((words) => `${selectUser(words)} where u.username_folded = ?`)
  const byIds = reader.prepare<UserRow>((words) => `${selectUser(words)} where u.id in (${words.elements('?')})`)
  const holders = reader.prepare<{ user_id: string }>(
    ({ elements }) => `select distinct user_id from user_roles
      where user_id in (${elements('?')}) and role_id in (${elements('?')})`,
  )
  return {
    findUser: async (username) => {
      const [row] = await byName(username.toLowerCase())
      return row?.username === username ? toUser(row) : null
    },
    findUsersById: async (userIds) => {
      const rows = await byIds(JSON.stringify(userIds))
      return new Map(rows.map((row) => [row.id, toUser(row)]))
    },
    holdersAmong: async (userIds, roleIds) => {
      const rows = await holders(JSON.stringify(userIds), JSON.stringify(roleIds))
      return rows.map(({ user_id }) => user_id)
    },
    ...prepareAnchors(reader),
    ...prepareRevocations(reader),
    ...prepareChanges(reader),
    dataVersion: () => reader.dataVersion(),
    close: () => reader.close(),
  }
}

function selectUser(words: Words): string {
  const { list, array } = words
  return `
    select u.id, u.username, u.disabled_at, u.mqtt_publish_prefix, u.password_hash,
      (select ${list(array('method', 'is_required'))} from user_grants where user_id = u.id) as grants,
      ${allPermissions(words)} as permissions,
      (select ${list(array('fingerprint', 'permissions'))} from authority_confirmations c where c.user_id = u.id) as confirmations
    from users u`
}

function toUser(row: UserRow): StoredUser {
  const grants: [UserFacts['grants'][number]['method'], 0 | 1][] = JSON.parse(row.grants)
  const rights = toPermissions(row.permissions)
  const confirmations: [string, string][] = JSON.parse(row.confirmations)
  return {
    id: row.id,
    username: row.username,
    disabledAt: row.disabled_at,
    grants: grants.map(([method, isRequired]) => ({ method, isRequired: isRequired === 1 })),
    permissions: rights.filter(({ context }) => context === 'mqtt'),
    rights,
    confirmations: confirmations.map(([authority, permissions]) => ({
      authority,
      permissions: JSON.parse(permissions) as Permission[],
    })),
    mqttPublishPrefix: row.mqtt_publish_prefix,
    credential: row.password_hash,
  }
}
