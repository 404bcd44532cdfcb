/**
 * Proves a second factor. A code is counted before it is judged, and used up in the transaction of what it allows. All uses
 * go through here: signing in, step-up, new backup codes, turning the factor off, a token for a script.
 */
import type { FactorProof } from '@gatehouse/contract/identity/second-factors'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Keyring } from '../../platform/base/keyring.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import { countAttempt } from '../passwords/attempts.ts'
import type { PasswordKnown } from '../passwords/known-password.ts'
import type { Source } from '../passwords/known-sources.ts'
import { type Refusal, recordRefusal } from '../passwords/refusals.ts'
import type { DirectoryPasswords } from '../users/directory-passwords.ts'
import { countBackupCodes, listUsable } from './authenticators-store.ts'
import { hasSecondFactor } from './kinds.ts'
import { findStep, newTotpSecret } from './totp.ts'
import { kindOf, matchProof } from './verifiers.ts'

export interface FactorContext {
  db: Db
  reader: Db
  clock: Clock
  keyring: Keyring
  passwordKnown: PasswordKnown
  directories: DirectoryPasswords
}

export interface FactorClaim {
  userId: string
  username: string
  source: Source
  proof: FactorProof
  /** Who shows the code, for the audit. */
  actor: Actor
  /** The audit action of a refused code; `session.refused` by default. */
  refusal?: Refusal['action']
}

export interface PreparedProof {
  /** Uses the code up, within the transaction of what it allows; false: another request used it up meanwhile. */
  useUp(trx: Trx): Promise<boolean>
  /** Takes the counted attempt back. Call it when what the code allows is done. */
  settle(trx: Trx): Promise<void>
}

/**
 * Does `work` if the code is right. Throws `throttled`, `mfa_not_enabled` or `wrong_code`, and then nothing was done. The
 * refusal of a code is recorded, like that of a password.
 */
export function withFactor<T>(context: FactorContext, claim: FactorClaim, work: (trx: Trx) => Promise<T>): Promise<T> {
  return recordingRefusal(context, claim, async () => {
    const proof = await prepareProof(context, claim)
    return context.db.transaction().execute(async (trx) => {
      if (!(await proof.useUp(trx))) throw wrongCode(claim.proof)
      await proof.settle(trx)
      return work(trx)
    })
  })
}

/** Counts the attempt and judges the code; throws as `withFactor` does. Uses nothing up. */
export async function prepareProof(context: FactorContext, claim: FactorClaim): Promise<PreparedProof> {
  const authenticators = await listUsable(context.reader, claim.userId)
  // Not counted: a later enrolment must begin with no failures.
  if (!hasSecondFactor(authenticators)) throw new Problem('mfa_not_enabled')
  const settle = await countCode(context, claim)
  const match = matchProof(context, authenticators, claim.proof)
  if (!match) throw wrongCode(claim.proof)
  const useUp = async (trx: Trx) => {
    if (!(await match.use(trx))) return false
    if (kindOf(claim.proof) === 'backup-code') await recordBackupCode(trx, context.clock, claim)
    return true
  }
  return { useUp, settle }
}

async function recordBackupCode(trx: Trx, clock: Clock, { userId, username, actor }: FactorClaim): Promise<void> {
  await recordEvent(trx, clock, {
    action: 'backup-code.used',
    actor,
    target: auditTarget.caller({ userId, username }),
    after: { left: await countBackupCodes(trx, userId) },
  })
}

/**
 * Does the work of `prepareProof` after a wrong password. Otherwise the time of the answer would tell a wrong password from a
 * right one. Also counts for a username that does not exist.
 */
export async function pretendProof(
  { db, reader, clock }: FactorContext,
  {
    userId,
    username,
    source,
    code,
  }: Pick<FactorClaim, 'username' | 'source'> & { userId: string | null; code: string },
): Promise<void> {
  await listUsable(reader, userId ?? 'nobody')
  await countAttempt({ db, clock }, { secret: 'factor', username: `nobody ${username}`, userId, source })
  findStep(pretendedSecret, code, clock.now())
}

const pretendedSecret = newTotpSecret()

/** Counts the attempt as failed; the returned function takes that back. Throws `throttled`. */
export async function countCode(
  { db, clock }: Pick<FactorContext, 'db' | 'clock'>,
  { userId, username, source }: Pick<FactorClaim, 'userId' | 'username' | 'source'>,
): Promise<(trx: Trx) => Promise<void>> {
  const verdict = await countAttempt({ db, clock }, { secret: 'factor', username, userId, source })
  if (verdict.outcome === 'counted') return verdict.clear
  throw new Problem('throttled', { retryAfterSeconds: verdict.waitSeconds })
}

/** Does `work`. If it throws `wrong_code` or `throttled`, records that refusal in the audit. */
export async function recordingRefusal<T>(
  { db, clock }: Pick<FactorContext, 'db' | 'clock'>,
  { userId, username, source, actor, refusal: action = 'session.refused' }: FactorClaim,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const reason = error instanceof Problem ? error.code : null
    if (reason !== 'wrong_code' && reason !== 'throttled') throw error
    const user = { id: userId, username }
    const refusal = { action, secret: 'factor', actor, username, user, reason, source } as const
    await db.transaction().execute((trx) => recordRefusal(trx, clock, refusal))
    throw error
  }
}

export function wrongCode(proof: FactorProof): Problem {
  return new Problem('wrong_code', { fields: { ['code' in proof ? 'code' : 'backupCode']: 'wrong_code' } })
}
