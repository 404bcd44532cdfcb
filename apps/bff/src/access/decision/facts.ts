import type { Permission } from '@gatehouse/contract/access/permission'
import type { GrantMethod } from '@gatehouse/contract/identity/users'

/** What decides about a user's connection and rights on the broker. */
export interface UserFacts {
  id: string
  username: string
  disabledAt: string | null
  grants: readonly { method: GrantMethod; isRequired: boolean }[]
  /** All MQTT permissions: those of the roles and the user's own. */
  permissions: readonly Permission[]
  /** All permissions, those of the console too. */
  rights: readonly Permission[]
  mqttPublishPrefix: string | null
}
