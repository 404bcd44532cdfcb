/** The names of the policies by their path, for their page, for edit conflicts and for the audit. The unit is in the name. */
import { t } from '@lingui/core/macro'

export const policyNames = {
  'password.min': t`Least length (characters)`,
  'password.minWithFactor': t`With a second factor (characters)`,
  'password.lower': t`Lower-case letters (at least)`,
  'password.upper': t`Upper-case letters (at least)`,
  'password.numeric': t`Digits (at least)`,
  'password.symbol': t`Symbols or spaces (at least)`,
  'password.blocklist': t`Refuse common passwords, and the username as password`,
  'session.idleMinutes': t`Ends when not used for (minutes)`,
  'session.absoluteHours': t`Ends in any case after (hours)`,
  'throttle.freeFailures': t`Wrong attempts before the first wait`,
  'throttle.firstWaitSeconds': t`First wait (seconds)`,
  'throttle.longestWaitMinutes': t`Longest wait (minutes)`,
  'clientCertificates.maxDays': t`Valid for (days, at most)`,
  'certificates.clockSkewMinutes': t`Clock may be ahead by (minutes)`,
  'audit.keepDays': t`Audit entries are deleted after (days)`,
  'decisions.keepDays': t`Decisions are deleted after (days)`,
  'crl.whenExpired': t`When a revocation list is out of date`,
  'mfa.requiredFor': t`Second factor required for`,
  'mfa.roles': t`Roles whose holders need it`,
} as const
