/** What an audit event is about. The event keeps the name, so that the audit can name a thing after its deletion. */
import type { auditTargets } from '@gatehouse/contract/operations/audit'

export interface AuditTarget {
  type: (typeof auditTargets)[number]
  id: string
  name: string
}

type Named = Pick<AuditTarget, 'id' | 'name'>

/** One function for each kind of thing. */
export const auditTarget = {
  user: ({ id, username }: { id: string; username: string }): AuditTarget => ({ type: 'user', id, name: username }),
  caller: ({ userId, username }: { userId: string; username: string }): AuditTarget => ({
    type: 'user',
    id: userId,
    name: username,
  }),
  role: ({ id, name }: Named): AuditTarget => ({ type: 'role', id, name }),
  token: ({ id, label }: { id: string; label: string }): AuditTarget => ({ type: 'token', id, name: label }),
  /** @param username The user whose session it is. */
  session: (id: string, username: string): AuditTarget => ({ type: 'session', id, name: username }),
  authority: ({ fingerprint, name }: { fingerprint: string; name: string }): AuditTarget => ({
    type: 'authority',
    id: fingerprint,
    name,
  }),
  certificate: ({ id, name }: Named): AuditTarget => ({ type: 'certificate', id, name }),
  listener: ({ id, name }: Named): AuditTarget => ({ type: 'listener', id, name }),
  broker: ({ id, name }: Named): AuditTarget => ({ type: 'broker', id, name }),
  admissionRule: ({ id, name }: Named): AuditTarget => ({ type: 'admission-rule', id, name }),
  deniedDevice: (username: string): AuditTarget => ({ type: 'denied-device', id: username, name: username }),
  identityProvider: ({ id, label }: { id: string; label: string }): AuditTarget => ({
    type: 'identity-provider',
    id,
    name: label,
  }),
  upstream: ({ id, name }: Named): AuditTarget => ({ type: 'upstream', id, name }),
  connection: ({ id, name }: Named): AuditTarget => ({ type: 'connection', id, name }),
  mqttSession: (clientId: string): AuditTarget => ({ type: 'mqtt-session', id: clientId, name: clientId }),
  topic: (topic: string): AuditTarget => ({ type: 'topic', id: topic, name: topic }),
  retained: (filter: string): AuditTarget => ({ type: 'retained', id: filter, name: filter }),
  address: (address: string): AuditTarget => ({ type: 'address', id: address, name: address }),
  decisions: { type: 'decisions', id: 'decisions', name: 'Decisions' },
  enforcersAuthority: { type: 'settings', id: 'enforcers-authority', name: 'CA of the agents' },
  policies: { type: 'settings', id: 'policies', name: 'Policies' },
  audit: { type: 'audit', id: 'audit', name: 'Audit' },
} satisfies Record<string, AuditTarget | ((...of: never[]) => AuditTarget)>
