/** The users to whom another broker must give rights: read in slices, because there may be a million users. */
import type { PreparedReader } from '../../platform/db/prepared-reader.ts'

export interface MqttUserStore {
  /** Ids of enabled users with a permission on MQTT topics, in order, after this one. Empty: there are no more. */
  listMqttUserIds(after: string): Promise<string[]>
  /** Ids of the users who hold one of these roles, in order, after this one. */
  listHolderIds(roleIds: readonly string[], after: string): Promise<string[]>
}

const atOnce = 500

export function prepareMqttUsers(reader: PreparedReader): MqttUserStore {
  const users = reader.prepare<{ id: string }>(
    () => `select id from users u where u.disabled_at is null and u.id > ? and (
        exists (select 1 from user_permissions p where p.user_id = u.id and p.context = 'mqtt')
        or exists (select 1 from user_roles r join role_permissions p on p.role_id = r.role_id
          where r.user_id = u.id and p.context = 'mqtt'))
      order by id limit ${atOnce}`,
  )
  const holders = reader.prepare<{ user_id: string }>(
    ({ elements }) => `select distinct user_id from user_roles
      where role_id in (${elements('?')}) and user_id > ? order by user_id limit ${atOnce}`,
  )
  return {
    listMqttUserIds: async (after) => (await users(after)).map(({ id }) => id),
    listHolderIds: async (roleIds, after) =>
      (await holders(JSON.stringify(roleIds), after)).map(({ user_id }) => user_id),
  }
}
