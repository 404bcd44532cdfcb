/**
 * The rule: a code is counted before it is looked at, and used up in the transaction of what it allows, or it allows nothing.
 * One way for all of them: signing in, step-up, new backup codes, turning the factor off, a token for a script.
 */
import type { FactorProof } from '@gatehouse/contract/identity/second-factors'
import { recordEvent } from '../../platform/audit/store.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { Keyring } from '../../platform/base/keyring.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import { countAttempt } from '../passwords/attempts.ts'
import type { Source } from '../passwords/known-sources.ts'
import { type Refusal, recordRefusal } from '../passwords/refusals.ts'
import { canonical } from './backup-codes.ts'
import { countBackupCodes, findFactor, type SecondFactor, useBackupCode, useStep } from './store.ts'
import { findStep, newTotpSecret } from './totp.ts'

export interface FactorContext {
  db: Db
  reader: Db
  clock: Clock
  keyring: Keyring
}

export interface FactorClaim {
  userId: string
  username: string
  source: Source
  proof: FactorProof
  /** Who shows the code: what the audit says of it. */
  actor: Actor
  /** What the audit calls a refused code; a refused sign-in unless told otherwise. */
  refusal?: Refusal['action']
}

export interface PreparedProof {
  /** Uses the code up, within the transaction of what it allows; false: it was used up meanwhile. */
  useUp(trx: Trx): Promise<boolean>
  /** The code was right: the count starts anew, if what it allows is done. */
  settle(trx: Trx): Promise<void>
}

/**
 * Does `work` if the code is right. Throws `throttled`, `mfa_not_enabled` or `wrong_code`, and then nothing was done; that a
 * code was refused is recorded, like a wrong password.
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

/** Counts the attempt and looks at the code; throws as `withFactor` does. Nothing is used up yet. */
export async function prepareProof(context: FactorContext, claim: FactorClaim): Promise<PreparedProof> {
  const factor = await findFactor(context.reader, claim.userId)
  // Not counted: whoever enrols later begins with none.
  if (!factor) throw new Problem('mfa_not_enabled')
  const settle = await countCode(context, claim)
  return { useUp: findUse(context, factor, claim), settle }
}

/**
 * Does what `prepareProof` does, for a password that was wrong: how long the answer takes must not tell it from a right one. Counts
 * for a name that nobody has.
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
  await findFactor(reader, userId ?? 'nobody')
  await countAttempt({ db, clock }, { secret: 'factor', username: `nobody ${username}`, userId, source })
  findStep(pretendedSecret, code, clock.now())
}

const pretendedSecret = newTotpSecret()

/** Counts the attempt as failed; what it answers with takes that back. Throws `throttled`. */
export async function countCode(
  { db, clock }: Pick<FactorContext, 'db' | 'clock'>,
  { userId, username, source }: Pick<FactorClaim, 'userId' | 'username' | 'source'>,
): Promise<(trx: Trx) => Promise<void>> {
  const verdict = await countAttempt({ db, clock }, { secret: 'factor', username, userId, source })
  if (verdict.outcome === 'counted') return verdict.clear
  throw new Problem('throttled', { retryAfterSeconds: verdict.waitSeconds })
}

/** How this code is used up; throws where it is none. */
function findUse(
  { clock, keyring }: FactorContext,
  { secretBox }: SecondFactor,
  { userId, username, proof, actor }: FactorClaim,
): (trx: Trx) => Promise<boolean> {
  if ('backupCode' in proof) {
    const digest = backupCodeDigest(keyring, proof.backupCode)
    return async (trx) => {
      if (!(await useBackupCode(trx, { userId, digest, at: timestamp(clock) }))) return false
      const target = { type: 'user', id: userId, name: username } as const
      const after = { left: await countBackupCodes(trx, userId) }
      await recordEvent(trx, clock, { action: 'backup-code.used', actor, target, after })
      return true
    }
  }
  const step = findStep(keyring.decrypt(secretBox, secretOf(userId)), proof.code, clock.now())
  if (step === null) throw wrongCode(proof)
  return (trx) => useStep(trx, { userId, secretBox, step })
}

/** Does `work`; if it throws because the code was wrong, or during a wait, the audit records that. */
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

export function backupCodeDigest(keyring: Keyring, code: string): string {
  return keyring.digest(canonical(code), 'backup code')
}

/** Binds a secret's box to its user: copied to another row it does not open. */
export function secretOf(userId: string): string {
  return `second factor of ${userId}`
}

export function wrongCode(proof: FactorProof): Problem {
  return new Problem('wrong_code', { fields: { ['code' in proof ? 'code' : 'backupCode']: 'wrong_code' } })
}
