/** Identity providers: directories (LDAP) and OpenID providers whose persons may sign in, and the roles that their groups give. */
import * as z from 'zod/mini'
import { ById, Id, line, Time, Version } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { secret } from '../secret.ts'
import { ProviderName } from './provider-names.ts'
import { MappingPreview, PersonPreview, ProviderImpact } from './provider-previews.ts'
import { LdapChanges, LdapGiven, LdapSettings, OidcChanges, OidcGiven, OidcSettings } from './provider-settings.ts'
import { ProviderTestStep } from './provider-test.ts'

/** The most identity providers of one installation. */
export const maxProviders = 16
/** The most role mappings of one provider. */
export const maxMappings = 500
/** Characters of a group DN, or of a value of an attribute or claim. */
export const maxSourceLength = 512

/** A group DN or attribute value (LDAP), or a claim value (OIDC). Persons who have it get the role. */
export const RoleMapping = z.strictObject({ source: line(maxSourceLength), roleId: Id })
export type RoleMapping = z.output<typeof RoleMapping>

const Mappings = z.array(RoleMapping).check(z.maxLength(maxMappings, 'too_long'))

const PasswordUrl = z.string().check(z.maxLength(500, 'too_long'), z.regex(/^https:\/\/[^\s\p{Cc}]+$/u, 'invalid'))

const common = {
  /** For persons: on the sign-in page and at users. */
  label: line(100),
  enabled: z.boolean(),
  /** While the provider is disabled, its users may still connect to brokers with certificates. */
  keepsCertificates: z.boolean(),
  /** Users who come from this provider must have a second factor. Applies to new ones. */
  mfaForNew: z.boolean(),
  /** A person without any mapped role is refused and gets no user. Applies to new ones. */
  roleRequired: z.boolean(),
  /** The order on the sign-in page, and in which directories are asked. */
  position: z.int().check(z.minimum(0, 'too_small'), z.maximum(1_000, 'too_large')),
  /** Where its users change their password. Null: the console only names the provider. */
  passwordUrl: z.nullable(PasswordUrl),
}

const stored = {
  id: Id,
  name: ProviderName,
  ...common,
  mappings: z.array(RoleMapping),
  /** Is a bind password or a client secret stored? It is never returned. */
  hasSecret: z.boolean(),
  createdAt: Time,
  version: Version,
}

export const LdapProvider = z.object({ ...stored, kind: z.literal('ldap'), settings: LdapSettings })
export type LdapProvider = z.output<typeof LdapProvider>
export const OidcProvider = z.object({ ...stored, kind: z.literal('oidc'), settings: OidcSettings })
export type OidcProvider = z.output<typeof OidcProvider>
export const IdentityProvider = z.discriminatedUnion('kind', [LdapProvider, OidcProvider])
export type IdentityProvider = z.output<typeof IdentityProvider>

/** The last time that Gatehouse looked for changes in a directory. The counts are null until it saw the whole directory once. */
export const LastSweep = z.object({
  finishedAt: z.nullable(Time),
  people: z.nullable(z.number()),
  changed: z.nullable(z.number()),
  disabled: z.nullable(z.number()),
  /** Why the last attempt failed. The counts are of an earlier one then. */
  problem: ProviderTestStep.shape.problem,
})
export type LastSweep = z.output<typeof LastSweep>

/** With the number of users who come from it. */
export const ListedLdapProvider = z.extend(LdapProvider, {
  users: z.number(),
  /** Null: there was no sweep yet. */
  lastSweep: z.nullable(LastSweep),
})
export const ListedOidcProvider = z.extend(OidcProvider, { users: z.number() })
export const ListedProvider = z.discriminatedUnion('kind', [ListedLdapProvider, ListedOidcProvider])
export type ListedProvider = z.output<typeof ListedProvider>

/** The bind password of a directory, or the client secret of an OpenID provider. */
const Secret = secret().check(
  z.minLength(1, 'required'),
  z.maxLength(4_096, 'too_long'),
  z.regex(/^[^\p{Cc}]*$/u, 'invalid'),
)

const given = {
  name: ProviderName,
  label: common.label,
  enabled: z._default(common.enabled, true),
  keepsCertificates: z._default(common.keepsCertificates, false),
  mfaForNew: z._default(common.mfaForNew, false),
  roleRequired: z._default(common.roleRequired, false),
  position: z._default(common.position, 0),
  passwordUrl: z._default(common.passwordUrl, null),
  mappings: z._default(Mappings, []),
  secret: z._default(z.nullable(Secret), null),
}

export const IdentityProviderCreate = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ldap'), ...given, settings: LdapGiven }),
  z.strictObject({ kind: z.literal('oidc'), ...given, settings: OidcGiven }),
])
export type IdentityProviderCreate = z.input<typeof IdentityProviderCreate>

const changes = {
  label: z.optional(common.label),
  enabled: z.optional(common.enabled),
  keepsCertificates: z.optional(common.keepsCertificates),
  mfaForNew: z.optional(common.mfaForNew),
  roleRequired: z.optional(common.roleRequired),
  position: z.optional(common.position),
  passwordUrl: z.optional(common.passwordUrl),
  /** The whole list. */
  mappings: z.optional(Mappings),
  /** Omitted: the stored one stays. Required again with another address, TLS mode or CA. */
  secret: z.optional(z.nullable(Secret)),
}

/** `kind` is the one of the stored provider. */
export const IdentityProviderUpdate = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ldap'), ...changes, settings: z.optional(LdapChanges) }),
  z.strictObject({ kind: z.literal('oidc'), ...changes, settings: z.optional(OidcChanges) }),
])
export type IdentityProviderUpdate = z.input<typeof IdentityProviderUpdate>

/** What a sweep of a directory found and changed. */
export const SweepResult = z.object({
  /** Persons in the directory. */
  people: z.number(),
  /** Users whose roles, names or state changed. */
  changed: z.number(),
  /** Those of them who were disabled, or whose link was removed. */
  disabled: z.number(),
})
export type SweepResult = z.output<typeof SweepResult>

const Steps = z.object({ steps: z.array(ProviderTestStep) })
/** A username to look for there. */
const Person = z.optional(z.string().check(z.minLength(1, 'required'), z.maxLength(256, 'too_long')))

/** The person's password, to be tried at a directory. It is not stored. */
const PersonPassword = z.optional(Secret)

export const identityProviders = defineRoutes('identityProviders', {
  list: {
    method: 'GET',
    path: '/identity-providers',
    access: 'permitted',
    tag: 'Identity providers',
    summary: 'List identity providers',
    answer: z.object({ items: z.array(ListedProvider) }),
  },
  create: {
    method: 'POST',
    path: '/identity-providers',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Identity providers',
    summary: 'Add an identity provider',
    description: 'The caller must hold all permissions of the roles that the mappings give.',
    body: IdentityProviderCreate,
    answer: ListedProvider,
    status: 201,
    errors: ['name_taken', 'provider_refused', 'too_many_providers', 'unknown_role', 'more_than_held'],
  },
  testNew: {
    method: 'POST',
    path: '/identity-providers/test',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Identity providers',
    summary: 'Test an identity provider that is not stored yet',
    body: z.strictObject({ provider: IdentityProviderCreate, username: Person, password: PersonPassword }),
    answer: Steps,
    errors: ['provider_refused', 'throttled'],
  },
  view: {
    method: 'GET',
    path: '/identity-providers/:id',
    access: 'permitted',
    tag: 'Identity providers',
    summary: 'View an identity provider',
    params: ById,
    answer: ListedProvider,
    versioned: true,
    errors: ['not_found'],
  },
  update: {
    method: 'PATCH',
    path: '/identity-providers/:id',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Identity providers',
    summary: 'Change an identity provider; omitted fields stay unchanged',
    description:
      'The caller must hold all permissions of the roles that new mappings give, and of the users who lose a role. A role that is no longer mapped is taken from its users at once; a newly mapped role comes at the next sign-in or sweep. A disabled provider signs nobody in. Sessions and tokens of its users end, and their connections; those with a certificate stay if `keepsCertificates` is true.',
    params: ById,
    body: IdentityProviderUpdate,
    answer: ListedProvider,
    versioned: true,
    errors: ['not_found', 'provider_refused', 'unknown_role', 'more_than_held', 'above_caller', 'changed_meanwhile'],
  },
  test: {
    method: 'POST',
    path: '/identity-providers/:id/test',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Identity providers',
    summary: 'Test an identity provider, with changes that are not saved yet',
    description: 'The stored secret is used only if address, TLS mode and CA are the stored ones.',
    params: ById,
    body: z.strictObject({ changes: z.optional(IdentityProviderUpdate), username: Person, password: PersonPassword }),
    answer: Steps,
    errors: ['not_found', 'provider_refused', 'throttled'],
  },
  preview: {
    method: 'POST',
    path: '/identity-providers/:id/preview',
    access: 'permitted',
    administrator: true,
    query: true,
    tag: 'Identity providers',
    summary: 'Which roles mappings give: to one person, or to all known users',
    description:
      'Without `mappings`: the stored ones. With `username`: one person, asked at the directory. An OpenID provider cannot be asked; what it said at the last sign-in counts.',
    params: ById,
    body: z.strictObject({ mappings: z.optional(Mappings), username: Person }),
    answer: z.object({ person: z.nullable(PersonPreview), users: z.nullable(MappingPreview) }),
    errors: ['not_found', 'unknown_role', 'provider_unavailable'],
  },
  impact: {
    method: 'POST',
    path: '/identity-providers/:id/impact',
    access: 'permitted',
    administrator: true,
    query: true,
    tag: 'Identity providers',
    summary: 'What would end if the provider were disabled',
    params: ById,
    body: z.strictObject({ keepsCertificates: common.keepsCertificates }),
    answer: ProviderImpact,
    errors: ['not_found'],
  },
  sweep: {
    method: 'POST',
    path: '/identity-providers/:id/sweep',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Identity providers',
    summary: 'Bring the users of a directory up to date now',
    description:
      'Users whom the directory has disabled or deleted are disabled, and roles follow the groups. It happens by itself every `sweepEveryMinutes`. If the directory does not name everybody, no user is disabled for being absent.',
    params: ById,
    answer: SweepResult,
    errors: ['not_found', 'provider_unavailable'],
  },
  remove: {
    method: 'DELETE',
    path: '/identity-providers/:id',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Identity providers',
    summary: 'Delete an identity provider that no user comes from; linked identities are removed',
    params: ById,
    answer: null,
    versioned: true,
    errors: ['not_found', 'provider_in_use', 'changed_meanwhile'],
  },
})
