/** The second factor: TOTP (RFC 6238), and backup codes for when it is lost. */
import * as z from 'zod/mini'
import { ById, EndTokens, line, Time } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { secret } from '../secret.ts'

/** Six digits of ASCII and nothing around them: what is not exactly that is never looked at. */
export const Code = z.string().check(z.regex(/^[0-9]{6}$/, 'code_format'))

/** As typed: case, spaces and hyphens do not matter. */
export const BackupCode = z.string().check(z.minLength(1, 'required'), z.maxLength(40, 'too_long'))

/** One of the two. */
export const FactorProof = z.union([z.strictObject({ code: Code }), z.strictObject({ backupCode: BackupCode })])
export type FactorProof = z.output<typeof FactorProof>

export const backupCodeCount = 10
/** From here on the console warns. */
export const fewBackupCodes = 3

export const Mfa = z.object({
  enabled: z.boolean(),
  /** Demanded by the account or by the policy: cannot be turned off by its owner. */
  required: z.boolean(),
  enrolledAt: z.nullable(Time),
  backupCodesLeft: z.number(),
})
export type Mfa = z.output<typeof Mfa>

const BackupCodes = z.object({ backupCodes: z.array(secret()) })

const whileEnrolling = ['mfa-enrolment-required', 'full'] as const

export const mfa = defineRoutes('mfa', {
  view: {
    method: 'GET',
    path: '/mfa',
    access: whileEnrolling,
    tag: 'Own account',
    summary: 'The own second factor: on or off, demanded or not, backup codes left',
    answer: Mfa,
  },
  enrol: {
    method: 'POST',
    path: '/mfa/enrolment',
    access: whileEnrolling,
    recent: true,
    tag: 'Own account',
    summary: 'Begin an enrolment; nothing is enabled yet, and it expires after ten minutes',
    description:
      'The enrolment belongs to the session. Begun again in the same session within the ten minutes, it keeps its secret and lasts ten minutes more; another session gets a secret of its own.',
    answer: z.object({ otpauthUri: secret(), secret: secret(), expiresAt: Time }),
    errors: ['mfa_already_enabled'],
  },
  verify: {
    method: 'POST',
    path: '/mfa/enrolment/verify',
    access: whileEnrolling,
    tag: 'Own account',
    summary: 'Complete the enrolment with a code; answers with the backup codes, once',
    body: z.strictObject({ code: Code }),
    answer: BackupCodes,
    errors: ['wrong_code', 'enrolment_expired', 'mfa_already_enabled', 'throttled'],
  },
  regenerate: {
    method: 'POST',
    path: '/mfa/backup-codes',
    access: 'signed-in',
    tag: 'Own account',
    summary: 'Make new backup codes; the old ones are void at once',
    body: z.strictObject({ code: Code }),
    answer: BackupCodes,
    errors: ['wrong_code', 'mfa_not_enabled', 'throttled'],
  },
  disable: {
    method: 'DELETE',
    path: '/mfa',
    access: 'signed-in',
    tag: 'Own account',
    summary: 'Turn the own second factor off',
    body: FactorProof,
    answer: null,
    errors: ['wrong_code', 'mfa_not_enabled', 'mfa_required', 'throttled'],
  },
  reset: {
    method: 'DELETE',
    path: '/users/:id/mfa',
    access: 'permitted',
    recent: true,
    tag: 'Users',
    summary: "Turn a user's lost second factor off; ends that user's sessions and tokens",
    description: 'Tokens of `/login` end with it. Those made in the console end too, unless `endTokens` is false.',
    params: ById,
    ownUserNeedsSession: true,
    body: z.strictObject({ reason: z.optional(line(500)), endTokens: EndTokens }),
    answer: null,
    errors: ['not_found', 'mfa_not_enabled', 'above_caller', 'own_account'],
  },
})
