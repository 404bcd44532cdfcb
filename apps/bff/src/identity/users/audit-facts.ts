/** What the audit keeps of a user: everything that a change can touch, and no secret. */
import type { User } from '@gatehouse/contract/identity/users'
import type { AuditEntry } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import type { Actor } from '../../platform/http/request.ts'
import type { NewUser } from './insert-store.ts'

type Audited = Pick<
  User,
  'displayName' | 'kind' | 'grantTypes' | 'roleNames' | 'permissions' | 'mqttPublishPrefix' | 'tags' | 'disabledAt'
> & { mfa: Pick<User['mfa'], 'required'> }

export function auditFactsOf(user: Audited) {
  const { displayName, kind, grantTypes, roleNames, permissions, mqttPublishPrefix, tags, disabledAt, mfa } = user
  return {
    displayName,
    kind,
    grantTypes,
    roles: roleNames,
    permissions,
    mqttPublishPrefix,
    tags,
    disabledAt,
    mfaRequired: mfa.required,
  }
}

/** The event of a user that was just inserted, without reading the user back. `roleNames`: by id of the role. */
export function createdEvent(user: NewUser, actor: Actor, roleNames: ReadonlyMap<string, string>): AuditEntry {
  const names = user.roles.map((id) => roleNames.get(id) ?? id)
  const after = auditFactsOf({ ...user, roleNames: names, mfa: { required: user.mfaRequired } })
  return { action: 'user.created', actor, target: auditTarget.user(user), after }
}
