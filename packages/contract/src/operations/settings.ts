/** Policies of the installation: passwords, sessions, throttling, the second factor. Effective at once. */
import * as z from 'zod/mini'
import { Id, Version } from '../base.ts'
import { WhenExpired } from '../certificates/crls.ts'
import { PasswordPolicy } from '../identity/sign-in.ts'
import { defineRoutes } from '../route.ts'

/** Bounds within which an installation may choose, both included. */
export const policyBounds = {
  password: {
    // NIST SP 800-63B-4 §3.1.1.2: eight characters for a password beside a factor.
    min: [8, 64],
    minWithFactor: [8, 64],
    lower: [0, 8],
    upper: [0, 8],
    numeric: [0, 8],
    symbol: [0, 8],
  },
  session: { idleMinutes: [1, 24 * 60], absoluteHours: [1, 24 * 30] },
  // From a month on: nobody gets rid of what was done just now.
  audit: { keepDays: [30, 3_650] },
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
    // A second factor makes a shorter password good enough; it never asks for a longer one.
    z.refine(({ min, minWithFactor }) => minWithFactor <= min, { error: 'too_large', path: ['minWithFactor'] }),
  )

export const SessionPolicy = z.strictObject({
  /** A session that nobody uses ends. */
  idleMinutes: whole(session.idleMinutes),
  /** A session ends, used or not. */
  absoluteHours: whole(session.absoluteHours),
})
export type SessionPolicy = z.output<typeof SessionPolicy>

export const ThrottlePolicy = z.strictObject({
  /** Wrong attempts of a user from one address before the first wait. */
  freeFailures: whole(throttle.freeFailures),
  /** The first wait; each further failure doubles it. */
  firstWaitSeconds: whole(throttle.firstWaitSeconds),
  longestWaitMinutes: whole(throttle.longestWaitMinutes),
})
export type ThrottlePolicy = z.output<typeof ThrottlePolicy>

/** Who must have a second factor, besides those users who have it demanded one by one. Users without a password are untouched. */
export const MfaPolicy = z.strictObject({
  requiredFor: z.enum(['nobody', 'roles', 'everyone']),
  roles: z.array(Id).check(z.maxLength(100, 'too_long')),
})
export type MfaPolicy = z.output<typeof MfaPolicy>

export const AuditPolicy = z.strictObject({
  /** Older events are deleted; null: none ever is. */
  keepDays: z.nullable(whole(policyBounds.audit.keepDays)),
})
export type AuditPolicy = z.output<typeof AuditPolicy>

/** Certificate revocation lists. */
export const CrlPolicy = z.strictObject({
  /** Clients of an authority whose list is out of date: go on by that list, or let none of them in until there is a newer one. */
  whenExpired: WhenExpired,
})
export type CrlPolicy = z.output<typeof CrlPolicy>

export const ClientCertificatePolicy = z.strictObject({
  /** No client certificate is issued here for longer than this. */
  maxDays: whole(policyBounds.clientCertificates.maxDays),
})
export type ClientCertificatePolicy = z.output<typeof ClientCertificatePolicy>

/** Certificates and revocation lists that others make. */
export const CertificatePolicy = z.strictObject({
  /** The clock of an authority may be ahead of this server's by so much: what begins to be valid within that time is valid now. */
  clockSkewMinutes: whole(policyBounds.certificates.clockSkewMinutes),
})
export type CertificatePolicy = z.output<typeof CertificatePolicy>

export const Settings = z.object({
  password: PasswordPolicy,
  session: SessionPolicy,
  throttle: ThrottlePolicy,
  mfa: MfaPolicy,
  audit: AuditPolicy,
  crl: CrlPolicy,
  clientCertificates: ClientCertificatePolicy,
  certificates: CertificatePolicy,
  version: Version,
})
export type Settings = z.output<typeof Settings>

export const SettingsUpdate = z.strictObject({
  password: z.optional(PasswordPolicyChange),
  session: z.optional(SessionPolicy),
  throttle: z.optional(ThrottlePolicy),
  mfa: z.optional(MfaPolicy),
  audit: z.optional(AuditPolicy),
  crl: z.optional(CrlPolicy),
  clientCertificates: z.optional(ClientCertificatePolicy),
  certificates: z.optional(CertificatePolicy),
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
    summary: 'Change policies; effective at once. Groups that are left out stay as they are',
    description:
      'The audit names every policy that the change makes weaker: the action is `settings.weakened`, and `after.weakened` lists them.',
    body: SettingsUpdate,
    /** Connections that a change of the policy on revocation lists ended. */
    answer: z.extend(Settings, { disconnected: z.nullable(z.number()) }),
    versioned: true,
    errors: ['changed_meanwhile', 'unknown_role'],
  },
})
