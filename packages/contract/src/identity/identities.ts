/** Linked identities: accounts at identity providers with which a user signs in. */
import * as z from 'zod/mini'
import { ById, Id, Time } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { Password } from './password.ts'
import { ProviderKind, ProviderName, SignInProvider } from './provider-names.ts'
import { MappedRole } from './provider-previews.ts'

/** The most characters of a subject: an issuer and its `sub`, or an id of a directory entry. */
export const maxSubjectLength = 1_024

export const LinkedIdentity = z.object({
  id: Id,
  provider: z.object({
    id: Id,
    kind: ProviderKind,
    name: ProviderName,
    label: z.string(),
    enabled: z.boolean(),
    /** Where its users change their password. Null: not known. */
    passwordUrl: z.nullable(z.string()),
  }),
  /** The name of the person there, as last seen. */
  label: z.nullable(z.string()),
  /** The user comes from this provider: it gives roles and disables the user, and cannot be unlinked. */
  isOrigin: z.boolean(),
  linkedAt: Time,
  /** The last time the provider named the person, at a sign-in or in a sweep. */
  lastSeenAt: z.nullable(Time),
  lastSignInAt: z.nullable(Time),
})
export type LinkedIdentity = z.output<typeof LinkedIdentity>

/** `mapped`: why the user has its mapped roles, by the groups that the provider named last. */
const Identities = z.object({ items: z.array(LinkedIdentity), mapped: z.array(MappedRole) })
/** A provider where the own account can be linked. */
export const LinkableProvider = z.extend(SignInProvider, { id: Id })
export type LinkableProvider = z.output<typeof LinkableProvider>

/** `linkable`: enabled providers where the user has no identity yet. */
const OwnIdentities = z.extend(Identities, { linkable: z.array(LinkableProvider) })
const TypedUsername = z.string().check(z.minLength(1, 'required'), z.maxLength(256, 'too_long'))

/** A person of a directory by name; or of any provider by what identifies the person there: never an e-mail address. */
export const IdentityLink = z.union([
  z.strictObject({ providerId: Id, username: TypedUsername }),
  z.strictObject({
    providerId: Id,
    subject: z
      .string()
      .check(z.minLength(1, 'required'), z.maxLength(maxSubjectLength, 'too_long'), z.regex(/^\P{Cc}*$/u, 'invalid')),
  }),
])
export type IdentityLink = z.input<typeof IdentityLink>

export const identities = defineRoutes('identities', {
  list: {
    method: 'GET',
    path: '/identities',
    access: 'signed-in',
    tag: 'Own account',
    summary: 'The own linked identities, and where more can be linked',
    answer: OwnIdentities,
  },
  link: {
    method: 'POST',
    path: '/identities',
    access: 'signed-in',
    recent: true,
    tag: 'Own account',
    summary: 'Link the own account in a directory, proved by its password',
    description:
      'An account of an OpenID provider is linked in the browser, by a link to `/api/auth/oidc/<name>/start?for=link`.',
    body: z.strictObject({ providerId: Id, username: TypedUsername, password: Password }),
    answer: LinkedIdentity,
    status: 201,
    errors: [
      'unknown_provider',
      'wrong_password',
      'identity_taken',
      'account_disabled_there',
      'provider_unavailable',
      'throttled',
    ],
  },
  unlink: {
    method: 'DELETE',
    path: '/identities/:id',
    access: 'signed-in',
    recent: true,
    tag: 'Own account',
    summary: 'Unlink one of the own identities; sessions that began with it end',
    params: ById,
    answer: null,
    errors: ['not_found', 'origin_identity'],
  },
  listOf: {
    method: 'GET',
    path: '/users/:id/identities',
    access: 'permitted',
    tag: 'Users',
    summary: "A user's linked identities",
    params: ById,
    ownUserNeedsSession: true,
    answer: Identities,
    errors: ['not_found'],
  },
  linkOf: {
    method: 'POST',
    path: '/users/:id/identities',
    access: 'permitted',
    recent: true,
    tag: 'Users',
    summary: 'Link an identity to a user, who can then sign in with it',
    description: 'The caller must hold all permissions of the user.',
    params: ById,
    ownUserNeedsSession: true,
    body: IdentityLink,
    answer: LinkedIdentity,
    status: 201,
    errors: [
      'not_found',
      'above_caller',
      'own_account',
      'unknown_provider',
      'person_not_found',
      'identity_taken',
      'account_disabled_there',
      'provider_unavailable',
    ],
  },
  unlinkOf: {
    method: 'DELETE',
    path: '/users/:id/identities/:identityId',
    access: 'permitted',
    recent: true,
    tag: 'Users',
    summary: 'Unlink an identity of a user; sessions that began with it end',
    params: z.strictObject({ id: Id, identityId: Id }),
    ownUserNeedsSession: true,
    answer: null,
    errors: ['not_found', 'above_caller', 'origin_identity'],
  },
})
