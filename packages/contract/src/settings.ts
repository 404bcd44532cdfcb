/** Policies of the installation: passwords, sessions, throttling, the second factor. Effective at once. */
import * as z from 'zod/mini'
import { Id, Version } from './base.ts'
import { defineRoutes } from './route.ts'
import { PasswordPolicy } from './session.ts'

function whole(minimum: number, maximum: number) {
  return z.number().check(z.int('invalid'), z.minimum(minimum, 'too_small'), z.maximum(maximum, 'too_large'))
}

/** Bounds within which an installation may choose; the password's lower one is NIST's for a password beside a factor. */
export const PasswordPolicyChange = z
  .strictObject({
    min: whole(8, 64),
    minWithFactor: whole(8, 64),
    lower: whole(0, 8),
    upper: whole(0, 8),
    numeric: whole(0, 8),
    symbol: whole(0, 8),
    blocklist: z.boolean(),
  })
  .check(
    // A second factor makes a shorter password good enough; it never asks for a longer one.
    z.refine(({ min, minWithFactor }) => minWithFactor <= min, { error: 'too_large', path: ['minWithFactor'] }),
  )

export const SessionPolicy = z.strictObject({
  /** A session that nobody uses ends. */
  idleMinutes: whole(1, 24 * 60),
  /** A session ends, used or not. */
  absoluteHours: whole(1, 24 * 30),
})
export type SessionPolicy = z.output<typeof SessionPolicy>

export const ThrottlePolicy = z.strictObject({
  /** Wrong attempts of a user from one address before the first wait. */
  freeFailures: whole(1, 20),
  /** The first wait; each further failure doubles it. */
  firstWaitSeconds: whole(1, 3_600),
  longestWaitMinutes: whole(1, 24 * 60),
})
export type ThrottlePolicy = z.output<typeof ThrottlePolicy>

/** Who must have a second factor, besides those users who have it demanded one by one. Users without a password are untouched. */
export const MfaPolicy = z.strictObject({
  requiredFor: z.enum(['nobody', 'roles', 'everyone']),
  roles: z.array(Id).check(z.maxLength(100, 'too_long')),
})
export type MfaPolicy = z.output<typeof MfaPolicy>

export const Settings = z.object({
  password: PasswordPolicy,
  session: SessionPolicy,
  throttle: ThrottlePolicy,
  mfa: MfaPolicy,
  version: Version,
})
export type Settings = z.output<typeof Settings>

export const SettingsUpdate = z.strictObject({
  password: z.optional(PasswordPolicyChange),
  session: z.optional(SessionPolicy),
  throttle: z.optional(ThrottlePolicy),
  mfa: z.optional(MfaPolicy),
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
    tag: 'Settings',
    summary: 'Change policies; effective at once. Groups that are left out stay as they are',
    body: SettingsUpdate,
    answer: Settings,
    versioned: true,
    errors: ['changed_meanwhile', 'unknown_role'],
  },
})
