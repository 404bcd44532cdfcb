/** Users: people and machines that may sign in. */
import * as z from 'zod/mini'
import { Permission } from '../access/permission.ts'
import { isTopic } from '../access/topic.ts'
import { ById, EndTokens, enforced, foreseen, Id, line, Time, Version } from '../base.ts'
import { ConfirmedInPath, confirmed } from '../certificates/confirmations.ts'
import { listSearch, page, SearchText } from '../paging.ts'
import { defineRoutes } from '../route.ts'
import { Password } from './password.ts'
import { maxTagLength, Tag, Tags } from './tags.ts'

/**
 * 3–64 characters; unique without regard to case, matched exactly. The broker compares it with the Common Name of a
 * certificate.
 */
export const usernamePattern = /^[A-Za-z0-9][A-Za-z0-9._@:-]*$/

/** Characters of a username. */
export const maxUsernameLength = 64

export const Username = z
  .string()
  .check(
    z.minLength(3, 'too_short'),
    z.maxLength(maxUsernameLength, 'too_long'),
    z.regex(usernamePattern, 'username_characters'),
  )

export const GrantMethod = z.enum(['password', 'certificate', 'token'])
export type GrantMethod = z.output<typeof GrantMethod>

/**
 * A method by which a user may sign in. On MQTT: if some are required, one CONNECT must satisfy all of those; otherwise
 * any one is enough.
 */
export const GrantType = z.strictObject({ method: GrantMethod, isRequired: z._default(z.boolean(), false) })
export type GrantType = z.output<typeof GrantType>

const GrantTypes = z.array(GrantType).check(
  z.superRefine((grants, ctx) => {
    const seen = new Set<string>()
    for (const [at, grant] of grants.entries()) {
      if (seen.has(grant.method)) ctx.addIssue({ code: 'custom', path: [at, 'method'], message: 'duplicate' })
      seen.add(grant.method)
    }
  }),
)

/** Put before every topic that the user publishes to. No `/` is added. */
export const PublishPrefix = z.string().check(
  z.maxLength(256, 'too_long'),
  z.refine((prefix) => isTopic(prefix) && !prefix.startsWith('$'), 'topic'),
)

export const Kind = z.enum(['person', 'machine'])

/** `local`, or the kind and name of an identity provider, such as `ldap:plant`. */
export const Origin = z.string().check(z.maxLength(45), z.regex(/^(local|(ldap|oidc):[a-z0-9-]+)$/, 'invalid'))

export const User = z.object({
  id: Id,
  username: z.string(),
  displayName: z.nullable(z.string()),
  kind: Kind,
  /** Where the user comes from: `local`, `ldap:<name>` or `oidc:<name>`. It never changes. */
  identityProvider: Origin,
  grantTypes: z.array(z.object({ method: GrantMethod, isRequired: z.boolean() })),
  roles: z.array(Id),
  roleNames: z.array(z.string()),
  /** Those of `roles` that the identity provider gives. They cannot be taken away by hand. */
  mappedRoles: z.array(Id),
  permissions: z.array(Permission),
  mqttPublishPrefix: z.nullable(z.string()),
  tags: z.array(z.string()),
  mfa: z.object({
    enabled: z.boolean(),
    /** Required for this user in particular. */
    required: z.boolean(),
    /** Required for this user or by the policy. */
    demanded: z.boolean(),
  }),
  hasPassword: z.boolean(),
  mustChangePassword: z.boolean(),
  disabledAt: z.nullable(Time),
  lastSignInAt: z.nullable(Time),
  createdAt: Time,
  version: Version,
})
export type User = z.output<typeof User>

/** A user with the fields of its own page. `connections` is null if the broker did not answer in time. */
export const UserDetails = z.extend(User, {
  connections: z.nullable(z.number()),
  /** The password comes from another broker and works over MQTT only, until it is used there for the first time. */
  isPasswordImported: z.boolean(),
})
export type UserDetails = z.output<typeof UserDetails>

/** A created or changed user. `warnings` did not prevent the change. */
export const UserWritten = z.extend(User, {
  /** Live connections that the change ended; null if the broker did not confirm within two seconds. */
  ...enforced,
  warnings: z.array(z.enum(['broker_unconfirmed'])),
})
export type UserWritten = z.output<typeof UserWritten>

export const UserCreate = z.strictObject({
  username: Username,
  displayName: z.optional(z.nullable(line(200))),
  kind: z.optional(Kind),
  identityProvider: z._default(z.string(), 'local'),
  grantTypes: z.optional(GrantTypes),
  roles: z._default(z.array(Id).check(z.maxLength(100)), []),
  permissions: z._default(z.array(Permission).check(z.maxLength(1_000)), []),
  mqttPublishPrefix: z.optional(z.nullable(PublishPrefix)),
  tags: z._default(Tags, []),
  password: z.optional(Password),
  /** Applies if a password is given. Default: true for a person, false for a machine. */
  mustChangePassword: z.optional(z.boolean()),
  mfaRequired: z._default(z.boolean(), false),
})
export type UserCreate = z.input<typeof UserCreate>

export const UserUpdate = z.strictObject({
  displayName: z.optional(z.nullable(line(200))),
  kind: z.optional(Kind),
  grantTypes: z.optional(GrantTypes),
  roles: z.optional(z.array(Id).check(z.maxLength(100))),
  permissions: z.optional(z.array(Permission).check(z.maxLength(1_000))),
  mqttPublishPrefix: z.optional(z.nullable(PublishPrefix)),
  tags: z.optional(Tags),
  disabled: z.optional(z.boolean()),
  mfaRequired: z.optional(z.boolean()),
  /**
   * Applies if the change requires a second factor that is not set up: false keeps the tokens that were made in the
   * console.
   */
  endTokens: z.optional(z.boolean()),
})
export type UserUpdate = z.input<typeof UserUpdate>

const { confirm, decline } = confirmed

/** What a change or a deletion would end. */
export const UserImpact = z.object({
  ...foreseen,
  sessions: z.number(),
  tokens: z.number(),
})
export type UserImpact = z.output<typeof UserImpact>

export const userFilters = {
  'username[eq]': z.optional(SearchText),
  'username[contains]': z.optional(SearchText.check(z.minLength(1))),
  'role[eq]': z.optional(Id),
  'method[eq]': z.optional(GrantMethod),
  'kind[eq]': z.optional(Kind),
  'state[eq]': z.optional(z.enum(['enabled', 'disabled'])),
  'tag[eq]': z.optional(Tag),
  'identityProvider[eq]': z.optional(Origin),
  /** The second factor: set up; required and not set up; neither. */
  'factor[eq]': z.optional(z.enum(['on', 'missing', 'off'])),
}

const userSearch = listSearch(['username', 'createdAt', 'lastSignInAt'], userFilters)
export type UserSearch = z.input<typeof userSearch>

export const users = defineRoutes('users', {
  list: {
    method: 'GET',
    path: '/users',
    access: 'permitted',
    tag: 'Users',
    summary: 'List users',
    search: userSearch,
    compressed: true,
    answer: page(User),
  },
  /** Before `view`, whose path would match this one too. */
  tags: {
    method: 'GET',
    path: '/users/tags',
    access: 'permitted',
    tag: 'Users',
    summary: 'The tags in use, by name, with the number of users; at most 200',
    search: z.strictObject({
      /** The beginning of a tag. */
      'tag[begins]': z.optional(z.string().check(z.maxLength(maxTagLength))),
    }),
    compressed: true,
    answer: z.object({ items: z.array(z.object({ tag: z.string(), users: z.number() })) }),
  },
  create: {
    method: 'POST',
    path: '/users',
    access: 'permitted',
    recent: true,
    tag: 'Users',
    summary: 'Create a user',
    description:
      'The caller can give only roles and permissions that it holds. Default of `kind`: a person if there is a password grant, otherwise a machine. A person must change the given password at the first sign-in to the console, unless `mustChangePassword` is false; on MQTT it works at once.',
    body: z.extend(UserCreate, { confirm, decline }),
    answer: UserWritten,
    status: 201,
    errors: [
      'above_caller',
      'authority_unconfirmed',
      'username_taken',
      'unknown_role',
      'more_than_held',
      'password_refused',
      'identity_provider_unsupported',
      'token_grant_required',
    ],
  },
  view: {
    method: 'GET',
    path: '/users/:id',
    access: 'permitted',
    tag: 'Users',
    summary: 'View a user',
    params: ById,
    answer: UserDetails,
    versioned: true,
    errors: ['not_found'],
  },
  update: {
    method: 'PATCH',
    path: '/users/:id',
    access: 'permitted',
    recent: true,
    tag: 'Users',
    summary: 'Change a user; omitted fields stay unchanged',
    description:
      'The caller must hold all permissions of the user, before and after the change. Sessions, tokens and live connections that the change no longer allows end at once; the answer counts the connections. On the own user only the display name, tags and additional grants can be changed. Requiring a second factor that the user has not set up ends the tokens: those of `/login` always, those made in the console unless `endTokens` is false.',
    params: ById,
    ownUserNeedsSession: true,
    body: z.extend(UserUpdate, { confirm, decline }),
    answer: UserWritten,
    versioned: true,
    errors: [
      'authority_unconfirmed',
      'not_found',
      'changed_meanwhile',
      'unknown_role',
      'more_than_held',
      'above_caller',
      'own_account',
      'last_admin',
      'role_is_mapped',
      'token_grant_required',
    ],
  },
  remove: {
    method: 'DELETE',
    path: '/users/:id',
    access: 'permitted',
    recent: true,
    tag: 'Users',
    summary: 'Delete a user for good',
    params: ById,
    ownUserNeedsSession: true,
    search: ConfirmedInPath,
    answer: z.object(enforced),
    versioned: true,
    errors: ['not_found', 'changed_meanwhile', 'above_caller', 'own_account', 'last_admin', 'authority_unconfirmed'],
  },
  impact: {
    method: 'POST',
    path: '/users/:id/impact',
    access: 'permitted',
    query: true,
    tag: 'Users',
    summary: 'What a change or a deletion would end',
    description: 'Takes the body of the change, or `{ "delete": true }`. Changes nothing.',
    params: ById,
    body: z.union([z.strictObject({ delete: z.literal(true) }), z.extend(UserUpdate, { confirm, decline })]),
    answer: UserImpact,
    errors: ['not_found', 'role_is_mapped'],
  },
  setPassword: {
    method: 'PUT',
    path: '/users/:id/password',
    access: 'permitted',
    recent: true,
    tag: 'Users',
    summary: "Set a user's password; if none is given, the server generates a one-time password",
    description:
      'Only this answer contains the one-time password. The sessions of the user end, and connections that signed in with the old password. Tokens of `/login` end, and tokens made in the console unless `endTokens` is false.',
    params: ById,
    ownUserNeedsSession: true,
    body: z.strictObject({
      newPassword: z.optional(Password),
      mustChange: z._default(z.boolean(), true),
      endTokens: EndTokens,
    }),
    answer: z.object({ password: z.nullable(z.string()), ...enforced }),
    errors: ['not_found', 'above_caller', 'own_account', 'password_refused', 'password_elsewhere'],
  },
})
