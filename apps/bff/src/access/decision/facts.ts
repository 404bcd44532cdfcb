/** What the server knows about a user when it decides about a connection. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { GrantMethod } from '@gatehouse/contract/identity/users'
import type { LimitedUser } from './authority-limits.ts'

/** What decides about a user's connection and rights on the broker. */
export interface UserFacts {
  id: string
  username: string
  disabledAt: string | null
  grants: readonly { method: GrantMethod; isRequired: boolean }[]
  /** All MQTT permissions: those of the roles and the user's own. */
  mqttPermissions: readonly Permission[]
  /** All permissions, those of the console too. */
  permissions: readonly Permission[]
  mqttPublishPrefix: string | null
}

/** A user as `judgeConnect` and `review` judge it. */
export interface DecisionUser extends UserFacts, LimitedUser {
  /** Changes when the password changes. A proof made with an earlier password does not count. Null: no password. */
  credential: string | null
  /** From when on a password of the user's identity provider does not count. Null: the password is ours, or it has no end. */
  passwordEndsAt: Date | null
}
