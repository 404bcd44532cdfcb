/** Admission rules: which devices that nobody entered become users when they connect with a certificate. */
import * as z from 'zod/mini'
import { ById, Fingerprint, Id, line, Time, Version } from '../base.ts'
import { UsernameGlob } from '../certificates/authorities.ts'
import { Username } from '../identity/users.ts'
import { listSearch, page } from '../paging.ts'
import { defineRoutes } from '../route.ts'

/** The most admission rules of one installation. */
export const maxAdmissionRules = 100
const maxUsernameGlobs = 20
const maxRoles = 50
const largestPerHour = 10_000
const largestTotal = 1_000_000
/** Devices in one preview. */
export const maxUnknownDevices = 100

/**
 * Why a rule admits nobody at the moment. `admission_roles`: one of its roles was deleted or gives permissions in the console.
 * `admission_author`: the person responsible for it no longer holds all that its roles give, or is disabled or deleted.
 * `admission_limit`: it has admitted as many devices as it may, in an hour or in all.
 */
export const admissionProblems = ['admission_roles', 'admission_author', 'admission_limit'] as const
export const AdmissionProblem = z.enum(admissionProblems)
export type AdmissionProblem = z.output<typeof AdmissionProblem>

const settings = {
  name: line(64),
  /** The CA to which the certificate must lead. It must be trusted here, and by the listener. */
  authority: Fingerprint,
  /** Globs. The Common Name must match one of them. */
  usernames: z.array(UsernameGlob).check(z.minLength(1, 'required'), z.maxLength(maxUsernameGlobs, 'too_long')),
  /** Ids of the roles that an admitted device gets. None of them may have a permission of the context `http`. */
  roles: z.array(Id).check(z.maxLength(maxRoles, 'too_long')),
  maxPerHour: z.int().check(z.minimum(1, 'too_small'), z.maximum(largestPerHour, 'too_large')),
  maxTotal: z.int().check(z.minimum(1, 'too_small'), z.maximum(largestTotal, 'too_large')),
}

export const AdmissionRule = z.object({
  id: Id,
  ...settings,
  enabled: z.boolean(),
  /** Null: the CA was deleted, or its trust for clients was withdrawn. Then no certificate leads to it. */
  authorityName: z.nullable(z.string()),
  /** In the order of `roles`; null where the role was deleted. */
  roleNames: z.array(z.nullable(z.string())),
  /** Who made the rule or last changed what it gives. The roles must be covered by this user at each admission. Null: deleted. */
  author: z.nullable(z.object({ id: Id, username: z.string() })),
  /** How many devices it has admitted, in all and in the last hour. */
  admitted: z.number(),
  admittedLastHour: z.number(),
  problem: z.nullable(AdmissionProblem),
  createdAt: Time,
  version: Version,
})
export type AdmissionRule = z.output<typeof AdmissionRule>

export const AdmissionRuleCreate = z.strictObject({
  ...settings,
  roles: z._default(settings.roles, []),
  maxPerHour: z._default(settings.maxPerHour, 100),
  maxTotal: z._default(settings.maxTotal, 1_000),
  enabled: z._default(z.boolean(), false),
})
export type AdmissionRuleCreate = z.input<typeof AdmissionRuleCreate>

export const AdmissionRuleUpdate = z.strictObject({
  name: z.optional(settings.name),
  authority: z.optional(settings.authority),
  usernames: z.optional(settings.usernames),
  roles: z.optional(settings.roles),
  maxPerHour: z.optional(settings.maxPerHour),
  maxTotal: z.optional(settings.maxTotal),
  enabled: z.optional(z.boolean()),
})
export type AdmissionRuleUpdate = z.input<typeof AdmissionRuleUpdate>

/** `unknown`: nobody has entered it. `exists`: a user has the name by now. `denied`: see `DeniedDevice`. */
export const UnknownDeviceState = z.enum(['unknown', 'exists', 'denied'])

/** A device that was refused because nobody has entered it. */
export const UnknownDevice = z.object({
  username: z.string(),
  /** The CA that its certificate led to. */
  authority: z.nullable(Fingerprint),
  authorityName: z.nullable(z.string()),
  address: z.string(),
  lastAt: Time,
  count: z.number(),
  state: UnknownDeviceState,
})
export type UnknownDevice = z.output<typeof UnknownDevice>

/** `matches_everything`: a pattern fits every name. `no_roles`: the devices may do nothing. */
export const AdmissionWarning = z.enum(['matches_everything', 'no_roles'])
export type AdmissionWarning = z.output<typeof AdmissionWarning>

/** A name that no rule admits, because its user was deleted or somebody denied it. */
export const DeniedDevice = z.object({
  username: z.string(),
  cause: z.enum(['deleted', 'denied']),
  at: Time,
  /** Who deleted the user or denied the name. */
  by: z.nullable(z.string()),
})
export type DeniedDevice = z.output<typeof DeniedDevice>

export const admissionRules = defineRoutes('admissionRules', {
  list: {
    method: 'GET',
    path: '/admission-rules',
    access: 'permitted',
    tag: 'Admission rules',
    summary: 'List admission rules, in the order in which they are asked',
    answer: z.object({ items: z.array(AdmissionRule) }),
  },
  create: {
    method: 'POST',
    path: '/admission-rules',
    access: 'permitted',
    recent: true,
    tag: 'Admission rules',
    summary: 'Create an admission rule; it is off until `enabled` is true',
    description:
      'The embedded broker creates a user with the certificate grant and these roles when an unknown device connects whose certificate ' +
      'leads to the CA and whose Common Name matches. Other brokers refuse the device until it exists.',
    body: AdmissionRuleCreate,
    answer: AdmissionRule,
    status: 201,
    errors: [
      'name_taken',
      'unknown_authority',
      'unknown_role',
      'more_than_held',
      'console_role',
      'too_many_admission_rules',
    ],
  },
  preview: {
    method: 'POST',
    path: '/admission-rules/preview',
    access: 'permitted',
    query: true,
    tag: 'Admission rules',
    summary: 'List refused devices that a rule would admit; changes nothing',
    body: z.strictObject({
      /** Omitted: any CA. */
      authority: z.optional(Fingerprint),
      /** Omitted: any name. */
      usernames: z.optional(settings.usernames),
      roles: z.optional(settings.roles),
    }),
    answer: z.object({
      items: z.array(UnknownDevice),
      /** There are more than are listed. */
      isMore: z.boolean(),
      warnings: z.array(AdmissionWarning),
    }),
  },
  view: {
    method: 'GET',
    path: '/admission-rules/:id',
    access: 'permitted',
    tag: 'Admission rules',
    summary: 'View an admission rule',
    params: ById,
    answer: AdmissionRule,
    versioned: true,
    errors: ['not_found'],
  },
  update: {
    method: 'PATCH',
    path: '/admission-rules/:id',
    access: 'permitted',
    recent: true,
    tag: 'Admission rules',
    summary: 'Change an admission rule; the caller becomes responsible for what it gives',
    params: ById,
    body: AdmissionRuleUpdate,
    answer: AdmissionRule,
    versioned: true,
    errors: [
      'not_found',
      'name_taken',
      'unknown_authority',
      'unknown_role',
      'more_than_held',
      'console_role',
      'changed_meanwhile',
    ],
  },
  remove: {
    method: 'DELETE',
    path: '/admission-rules/:id',
    access: 'permitted',
    tag: 'Admission rules',
    summary: 'Delete an admission rule; the users that it created stay',
    params: ById,
    answer: null,
    versioned: true,
    errors: ['not_found', 'changed_meanwhile'],
  },
})

export const deniedDevices = defineRoutes('deniedDevices', {
  list: {
    method: 'GET',
    path: '/denied-devices',
    access: 'permitted',
    tag: 'Denied names',
    summary: 'List the names that no rule admits: those of deleted users, and denied ones',
    search: listSearch(['username', 'at'], { 'cause[eq]': z.optional(DeniedDevice.shape.cause) }),
    compressed: true,
    answer: page(DeniedDevice),
  },
  deny: {
    method: 'POST',
    path: '/denied-devices',
    access: 'permitted',
    tag: 'Denied names',
    summary: 'Deny a name, so that no rule admits it; a user who has it stays',
    body: z.strictObject({ username: Username }),
    answer: DeniedDevice,
    status: 201,
    errors: ['too_many_denied_devices'],
  },
  forgive: {
    method: 'DELETE',
    path: '/denied-devices/:username',
    access: 'permitted',
    recent: true,
    tag: 'Denied names',
    summary: 'Forget that a name was denied; a rule may admit it again',
    params: z.strictObject({ username: Username }),
    answer: null,
    errors: ['not_found'],
  },
})
