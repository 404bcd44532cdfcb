/** The policies of the installation: passwords, sessions, throttling, second factors. Changes apply at once. */
import * as z from 'zod/mini'
import { enforced, Id, Version } from '../base.ts'
import { WhenExpired } from '../certificates/crls.ts'
import { PasswordPolicy } from '../identity/sign-in.ts'
import { defineRoutes } from '../route.ts'

/** The inclusive bounds of each policy. */
export const policyBounds = {
  password: {
    // NIST SP 800-63B-4 §3.1.1.2: at least eight characters for a password that is used with another factor.
    min: [8, 64],
    minWithFactor: [8, 64],
    lower: [0, 8],
    upper: [0, 8],
    numeric: [0, 8],
    symbol: [0, 8],
  },
  session: { idleMinutes: [1, 24 * 60], absoluteHours: [1, 24 * 30] },
  // At least 30 days, so that nobody can delete events soon after causing them.
  audit: { keepDays: [30, 3_650] },
  decisions: { keepDays: [1, 90] },
  clientCertificates: { maxDays: [1, 3_650] },
  certificates: { clockSkewMinutes: [0, 60] },
  throttle: { freeFailures: [1, 20], firstWaitSeconds: [1, 3_600], longestWaitMinutes: [1, 24 * 60] },
} as const

function whole([minimum, maximum]: readonly [number, number]) {
  return z.number().check(z.int('invalid'), z.minimum(minimum, 'too_small'), z.maximum(maximum, 'too_large'))
}

const { password, session, throttle } = policyBounds

export const PasswordPolicyChange = z
  .strictObject({
    min: whole(password.min),
    minWithFactor: whole(password.minWithFactor),
    lower: whole(password.lower),
    upper: whole(password.upper),
    numeric: whole(password.numeric),
    symbol: whole(password.symbol),
    blocklist: z.boolean(),
  })
  .check(
    // A second factor allows a shorter password; it never requires a longer one.
    z.refine(({ min, minWithFactor }) => minWithFactor <= min, { error: 'too_large', path: ['minWithFactor'] }),
  )

export const SessionPolicy = z.strictObject({
  /** Minutes without use after which a session ends. */
  idleMinutes: whole(session.idleMinutes),
  /** Hours after which a session ends, used or not. */
  absoluteHours: whole(session.absoluteHours),
})
export type SessionPolicy = z.output<typeof SessionPolicy>

export const ThrottlePolicy = z.strictObject({
  /** Wrong attempts for a user from one address before the first wait. */
  freeFailures: whole(throttle.freeFailures),
  /** The first wait. Each further failure doubles it. */
  firstWaitSeconds: whole(throttle.firstWaitSeconds),
  longestWaitMinutes: whole(throttle.longestWaitMinutes),
})
export type ThrottlePolicy = z.output<typeof ThrottlePolicy>

/**
 * Which users must have a second factor, besides users for whom it is required individually. Does not apply to users
 * without a password.
 */
export const MfaPolicy = z.strictObject({
  requiredFor: z.enum(['nobody', 'roles', 'everyone']),
  roles: z.array(Id).check(z.maxLength(100, 'too_long')),
})
export type MfaPolicy = z.output<typeof MfaPolicy>

export const AuditPolicy = z.strictObject({
  /** Older events are deleted. Null: events are never deleted. */
  keepDays: z.nullable(whole(policyBounds.audit.keepDays)),
})
export type AuditPolicy = z.output<typeof AuditPolicy>

/** Decisions of the broker. */
export const DecisionPolicy = z.strictObject({
  /** Older ones are deleted. A large number of decisions is deleted earlier. */
  keepDays: whole(policyBounds.decisions.keepDays),
})
export type DecisionPolicy = z.output<typeof DecisionPolicy>

/** Certificate revocation lists. */
export const CrlPolicy = z.strictObject({
  /**
   * For clients of an authority whose CRL is out of date: keep using that CRL, or refuse them until a newer CRL is
   * installed.
   */
  whenExpired: WhenExpired,
})
export type CrlPolicy = z.output<typeof CrlPolicy>

export const ClientCertificatePolicy = z.strictObject({
  /** The longest validity of a client certificate that is issued here. */
  maxDays: whole(policyBounds.clientCertificates.maxDays),
})
export type ClientCertificatePolicy = z.output<typeof ClientCertificatePolicy>

/** Certificates and CRLs that others make. */
export const CertificatePolicy = z.strictObject({
  /**
   * How far the clock of an authority may be ahead of this server. A validity that begins within that time has begun.
   */
  clockSkewMinutes: whole(policyBounds.certificates.clockSkewMinutes),
})
export type CertificatePolicy = z.output<typeof CertificatePolicy>

export const SignInPolicy = z.strictObject({
  /**
   * Signing in with a typed password, in the console and at `/login`, is for local administrators only. All others sign in at an
   * OpenID provider.
   */
  passwordsOfAdministratorsOnly: z.boolean(),
})
export type SignInPolicy = z.output<typeof SignInPolicy>

export const Settings = z.object({
  password: PasswordPolicy,
  session: SessionPolicy,
  throttle: ThrottlePolicy,
  mfa: MfaPolicy,
  audit: AuditPolicy,
  decisions: DecisionPolicy,
  crl: CrlPolicy,
  clientCertificates: ClientCertificatePolicy,
  certificates: CertificatePolicy,
  signIn: SignInPolicy,
  version: Version,
})
export type Settings = z.output<typeof Settings>

export const SettingsUpdate = z.strictObject({
  password: z.optional(PasswordPolicyChange),
  session: z.optional(SessionPolicy),
  throttle: z.optional(ThrottlePolicy),
  mfa: z.optional(MfaPolicy),
  audit: z.optional(AuditPolicy),
  decisions: z.optional(DecisionPolicy),
  crl: z.optional(CrlPolicy),
  clientCertificates: z.optional(ClientCertificatePolicy),
  certificates: z.optional(CertificatePolicy),
  signIn: z.optional(SignInPolicy),
})
export type SettingsUpdate = z.input<typeof SettingsUpdate>

export const settings = defineRoutes('settings', {
  view: {
    method: 'GET',
    path: '/settings',
    access: 'permitted',
    tag: 'Settings',
    summary: 'The policies in force',
    answer: Settings,
    versioned: true,
  },
  update: {
    method: 'PATCH',
    path: '/settings',
    access: 'permitted',
    recent: true,
    administrator: true,
    tag: 'Settings',
    summary: 'Change policies; applies at once, and omitted groups stay unchanged',
    description:
      '`signIn.passwordsOfAdministratorsOnly` needs an enabled OpenID provider. If the change weakens a policy, the audit action is `settings.weakened`, and `after.weakened` lists the weakened policies.',
    body: SettingsUpdate,
    /** Live connections that a change of the CRL policy ended. */
    answer: z.extend(Settings, enforced),
    versioned: true,
    errors: ['changed_meanwhile', 'unknown_role', 'unknown_provider'],
  },
})
