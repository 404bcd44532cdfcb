/** Signing in and out, the own password, and tokens for scripts. */
import * as z from 'zod/mini'
import { Permission } from '../access/permission.ts'
import { EndTokens, Id, line, Time } from '../base.ts'
import { defineRoutes, everyStage } from '../route.ts'
import { secret } from '../secret.ts'
import { Code, FactorProof } from './second-factors.ts'
import { Password } from './users.ts'

export const StageName = z.enum(everyStage)

export const Session = z.object({
  stage: StageName,
  /** Only at `full`. */
  user: z.optional(
    z.object({
      id: Id,
      username: z.string(),
      displayName: z.nullable(z.string()),
      roleNames: z.array(z.string()),
    }),
  ),
  permissions: z.optional(z.array(Permission)),
  /** Its user has a second factor: a proof is then a code, and a shorter password will do. Not said before the code is given. */
  mfaEnabled: z.optional(z.boolean()),
  /** What its user should know at once: an administrator turned the second factor off. */
  notice: z.optional(z.enum(['mfa-reset'])),
  /** After a sign-in with a backup code: how many are left. */
  backupCodesLeft: z.optional(z.number()),
  /** The version that runs, for the foot of the page. */
  version: z.optional(z.string()),
})
export type Session = z.output<typeof Session>

export const PasswordPolicy = z.object({
  /** Least number of characters, counted in Unicode code points. */
  min: z.number(),
  /** The same for whoever has a second factor. */
  minWithFactor: z.number(),
  lower: z.number(),
  upper: z.number(),
  numeric: z.number(),
  symbol: z.number(),
  blocklist: z.boolean(),
})
export type PasswordPolicy = z.output<typeof PasswordPolicy>

/** A username as typed at sign-in: anything short, so that a wrong one is answered like an unknown one. */
const TypedUsername = z.string().check(z.minLength(1, 'required'), z.maxLength(256, 'too_long'))

export const SignIn = z.strictObject({
  username: TypedUsername,
  password: Password,
  /** Together with the password, instead of the second step; needed where `throttled` says `takesCode`. */
  code: z.optional(Code),
})

export const session = defineRoutes('session', {
  signIn: {
    method: 'POST',
    path: '/session',
    access: 'anyone',
    tag: 'Session',
    summary: 'Sign in with username and password; sets the session cookie',
    description:
      'The answer says what is due next: nothing (`full`), a code, a new password, or the enrolment of a second factor. Until then the session opens only what leads there. `code` may come with the password. Where others have made too many attempts for this user, `throttled` has `facts.takesCode`: then password and code together are still judged, and a refusal does not say which of them was wrong. Scripts use `POST /api/login` instead.',
    body: SignIn,
    answer: Session,
    errors: ['wrong_credentials', 'sign_in_refused', 'wrong_code', 'throttled'],
  },
  secondFactor: {
    method: 'POST',
    path: '/session/second-factor',
    access: ['mfa-required'],
    tag: 'Session',
    summary: 'Complete the sign-in with a code or a backup code',
    description: 'A code is accepted once, and one step of thirty seconds early or late. A backup code is used up.',
    body: FactorProof,
    answer: Session,
    errors: ['wrong_code', 'throttled'],
  },
  view: {
    method: 'GET',
    path: '/session',
    access: everyStage,
    tag: 'Session',
    summary: 'Who is signed in, and how far',
    answer: Session,
  },
  signOut: {
    method: 'DELETE',
    path: '/session',
    access: everyStage,
    tag: 'Session',
    summary: 'Sign out',
    answer: null,
  },
  prove: {
    method: 'POST',
    path: '/session/recent',
    // Who is sent to the enrolment in the middle of a session has to prove the password for it.
    access: ['mfa-enrolment-required', 'full'],
    tag: 'Session',
    summary: 'Prove the password again, or a code where the second factor is on, for what asks for a recent proof',
    body: z.union([z.strictObject({ password: Password }), z.strictObject({ code: Code })]),
    answer: null,
    errors: ['wrong_password', 'wrong_code', 'code_required', 'mfa_not_enabled', 'throttled'],
  },
  changePassword: {
    method: 'PUT',
    path: '/password',
    access: ['password-change-required', 'full'],
    tag: 'Own account',
    summary: 'Change the own password; ends all other sessions and the tokens',
    description: 'Tokens of `/login` end. Those made in the console end too, unless `endTokens` is false.',
    body: z.strictObject({ currentPassword: Password, newPassword: Password, endTokens: EndTokens }),
    answer: Session,
    errors: ['wrong_password', 'password_refused', 'throttled'],
  },
  passwordPolicy: {
    method: 'GET',
    path: '/password-policy',
    access: 'anyone',
    tag: 'Own account',
    summary: 'What a password must be like',
    answer: PasswordPolicy,
  },
  login: {
    method: 'POST',
    path: '/login',
    access: 'anyone',
    forScripts: true,
    tag: 'Tokens',
    summary: 'Make a token for a script with username and password; sets no cookie',
    description:
      'Needs the grants password and token, and `code` where the user has a second factor. The same rules and the same waits hold as in the browser. Refused while a new password or an enrolment is due. A body without a content type is read as JSON.',
    body: z.strictObject({
      username: TypedUsername,
      password: Password,
      code: z.optional(Code),
      expireTimeInHours: z._default(z.number().check(z.int(), z.minimum(1), z.maximum(8_760)), 24),
      label: z._default(line(100), 'login'),
    }),
    answer: z.object({ token: secret(), id: Id, expiresAt: Time }),
    errors: ['wrong_credentials', 'sign_in_refused', 'code_required', 'wrong_code', 'login_incomplete', 'throttled'],
  },
})
