/** The second factor: TOTP (RFC 6238), and backup codes in case it is lost. */
import * as z from 'zod/mini'
import { ById, EndTokens, line, Time } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { secret } from '../secret.ts'

/** Exactly six ASCII digits. Anything else is refused without comparing it. */
export const Code = z.string().check(z.regex(/^[0-9]{6}$/, 'code_format'))

/** As typed: case, spaces and hyphens are ignored. */
export const BackupCode = z.string().check(z.minLength(1, 'required'), z.maxLength(40, 'too_long'))

/** A code or a backup code. */
export const FactorProof = z.union([z.strictObject({ code: Code }), z.strictObject({ backupCode: BackupCode })])
export type FactorProof = z.output<typeof FactorProof>

export const backupCodeCount = 10
/** The console warns when this many or fewer are left. */
export const fewBackupCodes = 3

export const Mfa = z.object({
  enabled: z.boolean(),
  /** Required by the account or by the policy, so its owner cannot turn it off. */
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
    summary: 'The own second factor: on or off, required or not, backup codes left',
    answer: Mfa,
  },
  enrol: {
    method: 'POST',
    path: '/mfa/enrolment',
    access: whileEnrolling,
    recent: true,
    tag: 'Own account',
    summary: 'Begin an enrolment; it expires after ten minutes, and enables nothing yet',
    description:
      'The enrolment belongs to the session. If the same session begins again within ten minutes, it keeps the secret and has ten more minutes. Another session gets another secret.',
    answer: z.object({ otpauthUri: secret(), secret: secret(), expiresAt: Time }),
    errors: ['mfa_already_enabled'],
  },
  verify: {
    method: 'POST',
    path: '/mfa/enrolment/verify',
    access: whileEnrolling,
    tag: 'Own account',
    summary: 'Complete the enrolment with a code; only this answer contains the backup codes',
    body: z.strictObject({ code: Code }),
    answer: BackupCodes,
    errors: ['wrong_code', 'enrolment_expired', 'mfa_already_enabled', 'throttled'],
  },
  regenerate: {
    method: 'POST',
    path: '/mfa/backup-codes',
    access: 'signed-in',
    tag: 'Own account',
    summary: 'Make new backup codes; the old ones become invalid at once',
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
    summary: "Turn off MFA for a user who lost the second factor; ends the user's sessions and tokens",
    description: 'Tokens of `/login` end. Tokens made in the console end too, unless `endTokens` is false.',
    params: ById,
    ownUserNeedsSession: true,
    body: z.strictObject({ reason: z.optional(line(500)), endTokens: EndTokens }),
    answer: null,
    errors: ['not_found', 'mfa_not_enabled', 'above_caller', 'own_account'],
  },
})
