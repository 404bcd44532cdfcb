/** What was done, in words: "device001 · user created". */

import type { ErrorCode } from '@gatehouse/contract/errors'
import type { AuditAction, AuditEvent } from '@gatehouse/contract/operations/audit'
import { t } from '@lingui/core/macro'
import { errorWords } from '../../api/error-words.ts'

export const auditActionWords: Record<AuditAction, string> = {
  'installation.created': t`Installation created`,
  'installation.copied': t`Copied to PostgreSQL`,
  'session.begun': t`Password correct, code required`,
  'session.signed-in': t`Signed in`,
  'session.refused': t`Sign-in refused`,
  'session.signed-out': t`Signed out`,
  'session.proved': t`Identity confirmed`,
  'session.ended': t`Session ended`,
  'token.created': t`Token created`,
  'token.refused': t`Token refused`,
  'token.revoked': t`Token revoked`,
  'password.changed': t`Own password changed`,
  'password.set': t`Password set`,
  'mfa.enabled': t`MFA enabled`,
  'mfa.enrolment-refused': t`Wrong code during MFA setup`,
  'mfa.disabled': t`MFA disabled`,
  'mfa.reset': t`MFA disabled by an administrator`,
  'backup-code.used': t`Backup code used`,
  'backup-codes.regenerated': t`Backup codes regenerated`,
  'settings.updated': t`Policies changed`,
  'settings.weakened': t`Policies weakened`,
  'user.created': t`User created`,
  'user.updated': t`User changed`,
  'user.disabled': t`User disabled`,
  'user.enabled': t`User enabled`,
  'user.deleted': t`User deleted`,
  'user.unlocked': t`User unlocked`,
  'address.unlocked': t`Address unlocked`,
  'users.exported': t`Users exported`,
  'role.created': t`Role created`,
  'role.updated': t`Role changed`,
  'role.deleted': t`Role deleted`,
  'authority.added': t`CA trusted`,
  'authority.updated': t`CA changed`,
  'authority.withdrawn': t`Trust in CA withdrawn`,
  'authority.restored': t`Trust in CA restored`,
  'authority.deleted': t`CA deleted`,
  'authority.confirmed': t`CA confirmed for users`,
  'authority.declined': t`CA refused for users`,
  'certificate.issued': t`Certificate issued`,
  'certificate.revoked': t`Certificate revoked`,
  'certificate.reinstated': t`Revocation undone`,
  'crl.uploaded': t`CRL uploaded`,
  'crl.deleted': t`CRL deleted`,
  'authority.replaced': t`Built-in CA replaced`,
  'listener.created': t`Listener created`,
  'listener.updated': t`Listener changed`,
  'listener.deleted': t`Listener deleted`,
  'broker.created': t`Broker added`,
  'broker.updated': t`Broker changed`,
  'broker.deleted': t`Broker removed`,
  'enforcer-token.created': t`Enrolment token for an agent created`,
  'enforcer-token.deleted': t`Enrolment token for an agent cancelled`,
  'enforcer.enrolled': t`Agent enrolled`,
  'enforcer.renewed': t`Certificate of an agent renewed`,
  'enforcer.revoked': t`Agent revoked`,
  'kubernetes.applied': t`Kubernetes secrets applied`,
  'kubernetes.forgotten': t`Kubernetes hand-over forgotten`,
  'connection.closed': t`Connection closed`,
  'mqtt-session.deleted': t`MQTT session deleted`,
  'retained.cleared': t`Retained messages deleted`,
  'message.published': t`Message published from the console`,
  'message.cleared': t`Retained message deleted`,
  'decisions.exported': t`Decisions exported`,
  'audit.exported': t`Audit exported`,
  'audit.pruned': t`Old audit entries deleted`,
}

export const auditViaWords: Record<AuditEvent['via'], string> = {
  session: t`in the console`,
  token: t`with a token`,
  'sign-in': t`at sign-in`,
  machine: t`on the server itself`,
  system: t`by Gatehouse`,
}

export const auditTargetWords: Record<NonNullable<AuditEvent['target']>['type'], string> = {
  installation: t`Installation`,
  address: t`Address`,
  session: t`Session`,
  token: t`Token`,
  user: t`User`,
  role: t`Role`,
  authority: t`CA`,
  certificate: t`Certificate`,
  listener: t`Listener`,
  broker: t`Broker`,
  connection: t`Connection`,
  'mqtt-session': t`MQTT session`,
  retained: t`Retained messages`,
  topic: t`Topic`,
  decisions: t`Decisions`,
  settings: t`Policies`,
  audit: t`Audit`,
}

/** Where no user stands behind it. */
export const auditNobodyWords: Record<AuditEvent['via'], string> = {
  session: t`Unknown, in the console`,
  token: t`Unknown, with a token`,
  'sign-in': t`Unknown, at sign-in`,
  machine: t`Unknown, on the server itself`,
  system: t`Gatehouse`,
}

/** A refusal's code in words; anything else is a sentence that a person wrote. */
export function auditReasonWords(reason: string): string {
  return errorWords[reason as ErrorCode]?.title ?? reason
}
