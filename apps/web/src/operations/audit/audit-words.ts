/** What was done, in words: "device001 · user created". */

import type { ErrorCode } from '@gatehouse/contract/errors'
import type { AuditAction, AuditEvent } from '@gatehouse/contract/operations/audit'
import { errorWords } from '../../api/error-words.ts'

export const auditActionWords: Record<AuditAction, string> = {
  'installation.created': 'Installation created',
  'installation.copied': 'Copied to PostgreSQL',
  'session.begun': 'Password proved, second factor due',
  'session.signed-in': 'Signed in',
  'session.refused': 'Sign-in refused',
  'session.signed-out': 'Signed out',
  'session.proved': 'Proved again who it is',
  'session.ended': 'Session ended',
  'token.created': 'Token created',
  'token.refused': 'Token refused',
  'token.revoked': 'Token revoked',
  'password.changed': 'Own password changed',
  'password.set': 'Password set',
  'mfa.enabled': 'Second factor turned on',
  'mfa.enrolment-refused': 'Code refused while a second factor was set up',
  'mfa.disabled': 'Second factor turned off',
  'mfa.reset': 'Second factor turned off by an administrator',
  'backup-code.used': 'Backup code used',
  'backup-codes.regenerated': 'Backup codes made anew',
  'settings.updated': 'Policies changed',
  'settings.weakened': 'Policies weakened',
  'user.created': 'User created',
  'user.updated': 'User changed',
  'user.disabled': 'User disabled',
  'user.enabled': 'User enabled',
  'user.deleted': 'User deleted',
  'user.unlocked': 'User unlocked',
  'address.unlocked': 'Address unlocked',
  'users.exported': 'Users exported',
  'role.created': 'Role created',
  'role.updated': 'Role changed',
  'role.deleted': 'Role deleted',
  'authority.added': 'Authority trusted',
  'authority.updated': 'Authority changed',
  'authority.withdrawn': 'Authority’s trust withdrawn',
  'authority.restored': 'Authority’s trust restored',
  'authority.deleted': 'Authority deleted',
  'authority.confirmed': 'Authority confirmed for users',
  'authority.declined': 'Authority declined for users',
  'certificate.issued': 'Certificate issued',
  'certificate.revoked': 'Certificate revoked',
  'certificate.reinstated': 'Revocation taken back',
  'crl.uploaded': 'Revocation list uploaded',
  'crl.deleted': 'Revocation list deleted',
  'authority.replaced': 'Built-in authority replaced',
  'connection.closed': 'Connection closed',
  'decisions.exported': 'Decisions exported',
  'audit.exported': 'Audit exported',
  'audit.pruned': 'Old audit entries deleted',
}

export const auditViaWords: Record<AuditEvent['via'], string> = {
  session: 'in the console',
  token: 'with a token',
  'sign-in': 'at sign-in',
  machine: 'on the machine itself',
  system: 'by Gatehouse',
}

export const auditTargetWords: Record<NonNullable<AuditEvent['target']>['type'], string> = {
  installation: 'Installation',
  address: 'Address',
  session: 'Session',
  token: 'Token',
  user: 'User',
  role: 'Role',
  authority: 'Authority',
  certificate: 'Certificate',
  connection: 'Connection',
  decisions: 'Decisions',
  settings: 'Policies',
  audit: 'Audit',
}

/** Where no user stands behind it. */
export const auditNobodyWords: Record<AuditEvent['via'], string> = {
  session: 'Somebody in the console',
  token: 'Somebody with a token',
  'sign-in': 'Somebody at sign-in',
  machine: 'Somebody on the machine itself',
  system: 'Gatehouse',
}

/** A refusal's code in words; anything else is a sentence that a person wrote. */
export function auditReasonWords(reason: string): string {
  return errorWords[reason as ErrorCode]?.title ?? reason
}
