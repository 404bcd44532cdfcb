/** Signing in and out, the own password, and tokens for scripts. */
import * as z from 'zod/mini'
import { Permission } from '../access/permission.ts'
import { EndTokens, Id, line, Time } from '../base.ts'
import type { ErrorCode } from '../errors.ts'
import { defineRoutes, everyStage } from '../route.ts'
import { secret } from '../secret.ts'
import { Password } from './password.ts'
import { SignInProvider } from './provider-names.ts'
import { Code, FactorProof } from './second-factors.ts'

export const StageName = z.enum(everyStage)

export const Session = z.object({
  stage: StageName,
  /** Only at stage `full`. */
  user: z.optional(
    z.object({
      id: Id,
      username: z.string(),
      displayName: z.nullable(z.string()),
      roleNames: z.array(z.string()),
      /** `local`, `ldap:<name>` or `oidc:<name>`. */
      identityProvider: z.string(),
    }),
  ),
  permissions: z.optional(z.array(Permission)),
  /**
   * The user has a second factor: a recent proof is then a code, and a shorter password is allowed. Absent until the
   * code was given.
   */
  mfaEnabled: z.optional(z.boolean()),
  /**
   * Only if the session began at an OpenID provider. Without a second factor of Gatehouse, a recent proof is then given there, by
   * a link to `/api/auth/oidc/<name>/start?for=step-up`.
   */
  provider: z.optional(z.object({ name: z.string(), label: z.string() })),
  /** A message for the user: an administrator turned the second factor off. */
  notice: z.optional(z.enum(['mfa-reset'])),
  /** After signing in with a backup code: the number of codes left. */
  backupCodesLeft: z.optional(z.number()),
  /** Only for a browser at stage `full`: when the session ends. */
  lifetime: z.optional(
    z.object({
      /** It ends when it was not used for this long. Gatehouse writes the last use at most once a minute. */
      idleSeconds: z.number(),
      /** It ends after this time even when it is used, counted from this answer. */
      remainingSeconds: z.number(),
    }),
  ),
  /** The version of Gatehouse. */
  version: z.optional(z.string()),
})
export type Session = z.output<typeof Session>

export const SignInOptions = z.object({
  providers: z.array(SignInProvider),
  /** The page offers a password. */
  passwordSignIn: z.boolean(),
})
export type SignInOptions = z.output<typeof SignInOptions>

export const PasswordPolicy = z.object({
  /** The minimum length in Unicode code points. */
  min: z.number(),
  /** The minimum length for users with a second factor. */
  minWithFactor: z.number(),
  lower: z.number(),
  upper: z.number(),
  numeric: z.number(),
  symbol: z.number(),
  blocklist: z.boolean(),
})
export type PasswordPolicy = z.output<typeof PasswordPolicy>

/**
 * A username as typed. Any short text is accepted, so that an invalid username gets the same answer as an unknown one.
 */
const TypedUsername = z.string().check(z.minLength(1, 'required'), z.maxLength(256, 'too_long'))

export const SignIn = z.strictObject({
  username: TypedUsername,
  password: Password,
  /** Sent with the password instead of the second step. Required where `throttled` has `facts.takesCode`. */
  code: z.optional(Code),
})

/** Refusals of a person whose password a directory checked, and where it cannot be checked. */
const ofDirectories = [
  'directory_unavailable',
  'username_taken_here',
  'username_unusable',
  'account_disabled_there',
  'groups_unknown',
  'no_mapped_role',
  'unknown_provider',
  'provider_unavailable',
] as const satisfies readonly ErrorCode[]

export const session = defineRoutes('session', {
  signIn: {
    method: 'POST',
    path: '/session',
    access: 'anyone',
    tag: 'Session',
    summary: 'Sign in with username and password; sets the session cookie',
    description:
      'The answer says what is needed next: nothing (`full`), a code, a new password, or the enrolment of a second factor. Until then the session may call only the routes for that step. `code` may be sent with the password. After too many attempts of others for this user, `throttled` has `facts.takesCode`: then a password together with a code is still checked, and a refusal does not say which of them was wrong. Scripts use `POST /api/login` instead.',
    body: SignIn,
    answer: Session,
    errors: [
      'wrong_credentials',
      'sign_in_refused',
      'password_sign_in_off',
      'wrong_code',
      'throttled',
      ...ofDirectories,
    ],
  },
  secondFactor: {
    method: 'POST',
    path: '/session/second-factor',
    access: ['mfa-required'],
    tag: 'Session',
    summary: 'Complete the sign-in with a code or a backup code',
    description: 'A code is accepted once, up to thirty seconds early or late. A backup code can be used once.',
    body: FactorProof,
    answer: Session,
    errors: ['wrong_code', 'throttled'],
  },
  view: {
    method: 'GET',
    path: '/session',
    access: everyStage,
    tag: 'Session',
    summary: 'The user of the session, and its stage',
    answer: Session,
  },
  signOut: {
    method: 'DELETE',
    path: '/session',
    access: everyStage,
    tag: 'Session',
    summary: 'Sign out',
    /** Where the browser goes on to sign out at the identity provider too. Null: it does not. */
    answer: z.object({ continueAt: z.nullable(z.string()) }),
  },
  prove: {
    method: 'POST',
    path: '/session/recent',
    // A user who must enrol in the middle of a session has to prove the password first.
    access: ['mfa-enrolment-required', 'full'],
    tag: 'Session',
    summary: 'Prove the password again, or a code if the second factor is on; for routes that need a recent proof',
    body: z.union([z.strictObject({ password: Password }), z.strictObject({ code: Code })]),
    answer: null,
    errors: [
      'wrong_password',
      'password_sign_in_off',
      'wrong_code',
      'code_required',
      'mfa_not_enabled',
      'throttled',
      'directory_unavailable',
    ],
  },
  changePassword: {
    method: 'PUT',
    path: '/password',
    access: ['password-change-required', 'full'],
    tag: 'Own account',
    summary: 'Change the own password; ends all other sessions, and tokens',
    description: 'Tokens of `/login` end. Tokens made in the console end too, unless `endTokens` is false.',
    body: z.strictObject({ currentPassword: Password, newPassword: Password, endTokens: EndTokens }),
    answer: Session,
    errors: ['wrong_password', 'password_refused', 'password_elsewhere', 'throttled'],
  },
  providers: {
    method: 'GET',
    path: '/session/providers',
    access: 'anyone',
    tag: 'Session',
    summary: 'The ways to sign in: OpenID providers, and whether the page offers a password',
    description: 'Directories are not named: their persons type a username and a password.',
    answer: SignInOptions,
  },
  passwordPolicy: {
    method: 'GET',
    path: '/password-policy',
    access: 'anyone',
    tag: 'Own account',
    summary: 'The rules for passwords',
    answer: PasswordPolicy,
  },
  login: {
    method: 'POST',
    path: '/login',
    access: 'anyone',
    forScripts: true,
    tag: 'Tokens',
    summary: 'Get a token for a script with username and password; sets no cookie',
    description:
      'Needs the password and token grants, and `code` if the user has a second factor. Rules and throttling are the same as in the browser. Refused while the user has to change the password or to enrol a second factor. A body without a content type is read as JSON.',
    body: z.strictObject({
      username: TypedUsername,
      password: Password,
      code: z.optional(Code),
      expireTimeInHours: z._default(z.number().check(z.int(), z.minimum(1), z.maximum(8_760)), 24),
      label: z._default(line(100), 'login'),
    }),
    answer: z.object({ token: secret(), id: Id, expiresAt: Time }),
    errors: [
      'wrong_credentials',
      'sign_in_refused',
      'password_sign_in_off',
      'code_required',
      'wrong_code',
      'login_incomplete',
      'throttled',
      ...ofDirectories,
    ],
  },
})
