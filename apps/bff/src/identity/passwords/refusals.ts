/** Records refused sign-ins, wrong passwords and wrong codes in the audit. */

import type { ErrorCode } from '@gatehouse/contract/errors'
import type { AuditAction } from '@gatehouse/contract/operations/audit'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import { isFirstRefusal } from './attempts.ts'
import type { Source } from './known-sources.ts'
import type { Secret } from './pools.ts'

export interface Refusal {
  action: Extract<AuditAction, 'session.refused' | 'token.refused' | 'mfa.enrolment-refused'>
  actor: Actor
  /** As typed. */
  username: string
  user: { id: string; username: string } | null
  reason: ErrorCode
  /** Where the attempt came from. */
  source: Source
  /** Which secret was tried; `password` by default. */
  secret?: Secret
}

/** Records only the first of the attempts that are refused during a wait, so that a storm of them writes nothing. */
export async function recordRefusal(trx: Trx, clock: Clock, refusal: Refusal): Promise<void> {
  const { action, actor, username, user, reason, source, secret = 'password' } = refusal
  const attempt = { secret, username, userId: user?.id ?? null, source }
  if (reason === 'throttled' && !(await isFirstRefusal(trx, clock, attempt))) return
  await recordEvent(trx, clock, {
    action,
    actor,
    // A user may have typed the password into the wrong field, so only existing usernames are kept.
    ...(user && { target: auditTarget.user(user) }),
    reason,
  })
}
