/** What the broker reads, through its own read-only connection: statements prepared once, one read for each CONNECT. */
import type { Permission } from '@gatehouse/contract/permissions'
import type { Anchor } from '@gatehouse/pki/chain'
import type { UserFacts } from '../broker/port.ts'
import { openReader } from '../db/open.ts'

export interface StoredUser extends UserFacts {
  /** Changes whenever the password does: what was proved with another one no longer counts. */
  credential: string | null
}

export interface StoredAnchor extends Anchor {
  name: string
}

export interface BrokerStore {
  /** Matched exactly; names are unique without regard to case, so at most one comes into question. */
  findUser(username: string): StoredUser | null
  findUserById(userId: string): StoredUser | null
  /** The authorities that are trusted now. */
  listAnchors(): StoredAnchor[]
  /** Equal as long as the trust store is. */
  trustVersion(): string
  /** Changes with each commit of any other connection, also of another process. */
  dataVersion(): number
  close(): void
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

interface AnchorRow {
  fingerprint: string
  der: Uint8Array
  name: string
  usernames: string
}

const selectUser = `
  select u.id, u.username, u.disabled_at, u.mqtt_publish_prefix, u.password_hash,
    (select json_group_array(json_array(method, is_required)) from user_grants where user_id = u.id) as grants,
    (select json_group_array(json_array(resource, operation)) from (
      select resource, operation from user_permissions where user_id = u.id and context = 'mqtt'
      union
      select p.resource, p.operation from user_roles r join role_permissions p on p.role_id = r.role_id
        where r.user_id = u.id and p.context = 'mqtt'
    )) as permissions
  from users u`

const globs = '(select json_group_array(glob) from authority_usernames n where n.fingerprint = a.fingerprint)'

export function openStore(databaseFile: string): BrokerStore {
  const database = openReader(databaseFile)
  const byName = database.prepare<[string], UserRow>(`${selectUser} where u.username_folded = ?`)
  const byId = database.prepare<[string], UserRow>(`${selectUser} where u.id = ?`)
  const anchors = database.prepare<[], AnchorRow>(
    `select fingerprint, der, name, ${globs} as usernames from authorities a where withdrawn_at is null`,
  )
  const version = database
    .prepare<[], string>(
      `select coalesce(json_group_array(json_array(fingerprint, version, name, ${globs})), '')
       from authorities a where withdrawn_at is null`,
    )
    .pluck()
  const dataVersion = database.prepare<[], number>('pragma data_version').pluck()
  return {
    findUser: (username) => {
      const row = byName.get(username.toLowerCase())
      return row?.username === username ? toUser(row) : null
    },
    findUserById: (userId) => {
      const row = byId.get(userId)
      return row ? toUser(row) : null
    },
    listAnchors: () => anchors.all().map(toAnchor),
    trustVersion: () => version.get() ?? '',
    dataVersion: () => dataVersion.get() ?? 0,
    close: () => database.close(),
  }
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

function toAnchor({ fingerprint, der, name, usernames }: AnchorRow): StoredAnchor {
  return { fingerprint, der, name, usernames: JSON.parse(usernames) }
}
