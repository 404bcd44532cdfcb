/** Reads users as `access/decision` judges them: rights, grants and confirmations in one statement. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { DecisionUser } from '../../access/decision/facts.ts'
import { mqttRightsOf } from '../../access/permissions/mqtt-rights.ts'
import { endOfSignIn } from '../../identity/identities/last-sign-in.ts'
import type { PreparedReader, Words } from '../../platform/db/prepared-reader.ts'
import { allPermissions, toPermissions } from './anchor-store.ts'

export interface UserFactsStore {
  /** Compares exactly. At most one user has the username, because usernames that differ only in case are refused. */
  findUser(username: string): Promise<DecisionUser | null>
  /** By user id. Unknown ids are missing. */
  findUsersById(userIds: readonly string[]): Promise<Map<string, DecisionUser>>
  /** Which of these users hold one of these roles. */
  holdersAmong(userIds: readonly string[], roleIds: readonly string[]): Promise<string[]>
}

interface UserRow {
  id: string
  username: string
  disabled_at: string | null
  mqtt_publish_prefix: string | null
  password_hash: string | null
  /** JSON: what the identity provider that the user comes from decides. Null: the user is local. */
  origin: string | null
  grants: string
  permissions: string
  confirmations: string
}

export function prepareUserFacts(reader: PreparedReader): UserFactsStore {
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
  }
}

function selectUser(words: Words): string {
  const { list, array } = words
  return `
    select u.id, u.username, u.disabled_at, u.mqtt_publish_prefix, u.password_hash, ${origin(words)} as origin,
      (select ${list(array('method', 'is_required'))} from user_grants where user_id = u.id) as grants,
      ${allPermissions(words)} as permissions,
      (select ${list(array('fingerprint', 'permissions'))} from authority_confirmations c where c.user_id = u.id) as confirmations
    from users u`
}

type Origin = [
  disabledAt: string | null,
  keepsCertificates: 0 | 1,
  mqttPasswords: 0 | 1,
  days: number | null,
  at: string | null,
]

function origin({ list, array }: Words): string {
  const facts = array(
    'p.disabled_at',
    'p.keeps_certificates',
    'p.mqtt_passwords',
    'p.sign_in_days',
    'i.last_provider_sign_in_at',
  )
  return `case when u.identity_provider <> 'local' then (select ${list(facts)} from user_identities i
    join identity_providers p on p.id = i.provider_id where i.user_id = u.id and i.is_origin = 1) end`
}

/** A disabled provider disables the users who come from it. A provider also decides whether and how long its passwords count. */
function byOrigin(row: UserRow): Pick<DecisionUser, 'disabledAt' | 'passwordEndsAt'> {
  if (row.origin === null) return { disabledAt: row.disabled_at, passwordEndsAt: null }
  const [found]: Origin[] = JSON.parse(row.origin)
  const [providerDisabledAt, keepsCertificates, mqttPasswords, days, at] = found ?? noOrigin
  const disabledAt = row.disabled_at ?? (keepsCertificates === 1 ? null : providerDisabledAt)
  if (providerDisabledAt !== null || mqttPasswords !== 1) return { disabledAt, passwordEndsAt: longAgo }
  return { disabledAt, passwordEndsAt: days === null ? null : endOfSignIn({ at, days }) }
}

const longAgo = new Date(0)
const noOrigin: Origin = [longAgo.toISOString(), 0, 0, null, null]

function toUser(row: UserRow): DecisionUser {
  const grants: [DecisionUser['grants'][number]['method'], 0 | 1][] = JSON.parse(row.grants)
  const rights = toPermissions(row.permissions)
  const confirmations: [string, string][] = JSON.parse(row.confirmations)
  return {
    id: row.id,
    username: row.username,
    ...byOrigin(row),
    grants: grants.map(([method, isRequired]) => ({ method, isRequired: isRequired === 1 })),
    mqttPermissions: mqttRightsOf(rights),
    permissions: rights,
    confirmations: confirmations.map(([authority, permissions]) => ({
      authority,
      permissions: JSON.parse(permissions) as Permission[],
    })),
    mqttPublishPrefix: row.mqtt_publish_prefix,
    credential: row.password_hash,
  }
}
