/** The names of the policies by their path, for their page, for edit conflicts and for the audit. The unit is in the name. */
import type { Settings } from '@gatehouse/contract/operations/settings'
import { t } from '@lingui/core/macro'

type Policies = Omit<Settings, 'version'>
/** Such as `password.min`. */
type PolicyPath = { [Group in keyof Policies]: `${Group}.${keyof Policies[Group] & string}` }[keyof Policies]

export const policyNames = {
  'password.min': t`Minimum length (characters)`,
  'password.minWithFactor': t`With MFA (characters)`,
  'password.lower': t`Lowercase letters (at least)`,
  'password.upper': t`Uppercase letters (at least)`,
  'password.numeric': t`Digits (at least)`,
  'password.symbol': t`Symbols or spaces (at least)`,
  'password.blocklist': t`Refuse common passwords, and the username as password`,
  'signIn.passwordsOfAdministratorsOnly': t`Only local administrators sign in with a password`,
  'session.idleMinutes': t`Idle timeout (minutes)`,
  'session.absoluteHours': t`Maximum duration (hours)`,
  'throttle.freeFailures': t`Attempts before lockout`,
  'throttle.firstWaitSeconds': t`First wait (seconds)`,
  'throttle.longestWaitMinutes': t`Longest wait (minutes)`,
  'clientCertificates.maxDays': t`Valid for (days, at most)`,
  'certificates.clockSkewMinutes': t`Clock may be ahead by (minutes)`,
  'audit.keepDays': t`Audit entries are deleted after (days)`,
  'decisions.keepDays': t`Decisions are deleted after (days)`,
  'crl.whenExpired': t`When a CRL has expired`,
  'mfa.requiredFor': t`MFA required for`,
  'mfa.roles': t`Roles that require MFA`,
} as const satisfies Record<PolicyPath, string>

export const expiredWords: Record<Policies['crl']['whenExpired'], string> = {
  accept: t`Warn`,
  refuse: t`Refuse its clients`,
}

export const requiredForWords: Record<Policies['mfa']['requiredFor'], string> = {
  nobody: t`No one`,
  roles: t`Chosen roles`,
  everyone: t`Everyone`,
}
