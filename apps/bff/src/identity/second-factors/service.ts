import type { FactorProof, Mfa, mfa } from '@gatehouse/contract/identity/second-factors'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, later, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { actorOf, type By, type Caller, type RequestInfo } from '../../platform/http/request.ts'
import type { EndTokensOfPassword } from '../users/context.ts'
import { markReset, setEnrolledAt } from '../users/factor-store.ts'
import { requireChangeable } from '../users/service.ts'
import { countBackupCodes, deleteAuthenticators, insertAuthenticators, listHeldKinds } from './authenticators-store.ts'
import { newBackupCodes } from './backup-codes.ts'
import { deleteEnrolmentsOf, type Enrolment, findEnrolment, takeEnrolment, writeEnrolment } from './enrolments-store.ts'
import { factorSince, hasSecondFactor } from './kinds.ts'
import { countCode, type FactorContext, recordingRefusal, withFactor, wrongCode } from './prove.ts'
import { findStep, newTotpSecret, otpauthUri } from './totp.ts'
import { turnFactorOff } from './turn-off.ts'
import { backupCodeDigest, secretOf } from './verifiers.ts'

export interface MfaContext extends FactorContext {
  /** Must this user have a second factor? */
  isDemanded(db: Db, userId: string): Promise<boolean>
  /** The session goes on with a new secret, and with a proof by TOTP. Returns the secret. */
  renewSession(trx: Trx, caller: Caller, request: RequestInfo): Promise<string>
  /** Ends the user's sessions in the console, within the transaction. */
  endSessions(trx: Trx, userId: string): Promise<void>
  endTokensOfPassword: EndTokensOfPassword
}

/** How long after its last beginning an enrolment can be completed. */
const enrolmentLastsMs = 10 * 60_000

export async function viewMfa({ reader, isDemanded }: MfaContext, { userId }: Caller): Promise<Mfa> {
  const enrolledAt = factorSince(await listHeldKinds(reader, userId))
  return {
    enabled: enrolledAt !== null,
    required: await isDemanded(reader, userId),
    enrolledAt,
    backupCodesLeft: await countBackupCodes(reader, userId),
  }
}

/**
 * Begins an enrolment. Its secret enables nothing before one code was right. The same session gets the same fresh secret again, so
 * that the QR code that was scanned before a reload stays right. Another session gets another secret: a thief of the password who
 * begins first must not know the secret that the owner completes (decision 50).
 */
export async function beginEnrolment(
  { db, clock, keyring }: MfaContext,
  { caller }: By,
): Promise<Answer<typeof mfa.enrol>> {
  const { userId, username } = caller
  const sessionId = sessionOf(caller)
  const secret = await db.transaction().execute(async (trx) => {
    await refuseIfEnrolled(trx, userId)
    const before = await findEnrolment(trx, sessionId, 'totp')
    const data = before && isFresh(before, clock) ? before.data : keyring.encrypt(newTotpSecret(), secretOf(userId))
    await writeEnrolment(trx, { userId, sessionId, kind: 'totp', data, startedAt: timestamp(clock) })
    return keyring.decrypt(data, secretOf(userId))
  })
  return { secret, otpauthUri: otpauthUri(username, secret), expiresAt: later(clock.now(), enrolmentLastsMs) }
}

/** Completes an enrolment. From here on signing in takes a code, and all other open sessions have to show one. */
export async function completeEnrolment(
  context: MfaContext,
  { code, caller, request }: By & { code: string },
): Promise<Answer<typeof mfa.verify>> {
  const claim = { ...claimOf({ caller, request }, { code }), refusal: 'mfa.enrolment-refused' } as const
  return recordingRefusal(context, claim, () => proveEnrolment(context, { code, caller, request }))
}

async function proveEnrolment(context: MfaContext, { code, caller, request }: By & { code: string }) {
  const { db, reader, clock, keyring, renewSession, endTokensOfPassword } = context
  const { userId, username } = caller
  const settle = await countCode({ db, clock }, { userId, username, source: request })
  await refuseIfEnrolled(reader, userId)
  const sessionId = sessionOf(caller)
  const enrolment = await findEnrolment(reader, sessionId, 'totp')
  if (!enrolment || !isFresh(enrolment, clock)) throw new Problem('enrolment_expired')
  const { data } = enrolment
  const step = findStep(keyring.decrypt(data, secretOf(userId)), code, clock.now())
  if (step === null) throw wrongCode({ code })
  const backupCodes = newBackupCodes()
  const secret = await db.transaction().execute(async (trx) => {
    // Checked again: another session may have completed its own enrolment since.
    await refuseIfEnrolled(trx, userId)
    if (!(await takeEnrolment(trx, enrolment))) throw new Problem('enrolment_expired')
    await deleteEnrolmentsOf(trx, userId)
    const createdAt = timestamp(clock)
    const id = newId(clock.now())
    await insertAuthenticators(trx, [{ id, userId, kind: 'totp', data, counter: step, createdAt }])
    await replaceBackupCodes(trx, context, { userId, backupCodes })
    await setEnrolledAt(trx, userId, createdAt)
    // Tokens of `/login` were made without the factor. Those made in the console belong to a session that goes on.
    const after = { endedTokens: await endTokensOfPassword(trx, { userId, consoleToo: false }) }
    const actor = actorOf(caller, request)
    await recordEvent(trx, clock, { action: 'mfa.enabled', actor, target: auditTarget.caller(caller), after })
    await settle(trx)
    return renewSession(trx, caller, request)
  })
  request.setSession(secret)
  return { backupCodes }
}

export async function regenerateBackupCodes(
  context: MfaContext,
  { code, caller, request }: By & { code: string },
): Promise<Answer<typeof mfa.regenerate>> {
  const backupCodes = newBackupCodes()
  await withFactor(context, claimOf({ caller, request }, { code }), async (trx) => {
    await replaceBackupCodes(trx, context, { userId: caller.userId, backupCodes })
    const actor = actorOf(caller, request)
    await recordEvent(trx, context.clock, {
      action: 'backup-codes.regenerated',
      actor,
      target: auditTarget.caller(caller),
    })
  })
  return { backupCodes }
}

export async function disableMfa(
  context: MfaContext,
  { proof, caller, request }: By & { proof: FactorProof },
): Promise<undefined> {
  const requireFree = async (db: Db) => {
    if (await context.isDemanded(db, caller.userId)) throw new Problem('mfa_required')
  }
  // Checked first, so that no code is used up for nothing, and again in the transaction.
  await requireFree(context.reader)
  await withFactor(context, claimOf({ caller, request }, proof), async (trx) => {
    await requireFree(trx)
    await turnFactorOff(trx, caller.userId)
    const actor = actorOf(caller, request)
    await recordEvent(trx, context.clock, { action: 'mfa.disabled', actor, target: auditTarget.caller(caller) })
  })
}

/** An administrator turns a lost factor off. Sessions and tokens end, and the next sign-in says what happened. */
export async function resetMfa(
  { db, clock, endSessions, endTokensOfPassword }: MfaContext,
  { id, body: { reason, endTokens }, caller, request }: By & { id: string; body: Parsed<typeof mfa.reset>['body'] },
): Promise<undefined> {
  if (caller.userId === id) throw new Problem('own_account')
  await db.transaction().execute(async (trx) => {
    const user = await requireChangeable(trx, id, { caller, request })
    if (!user.mfa.enabled) throw new Problem('mfa_not_enabled')
    await turnFactorOff(trx, id)
    await markReset(trx, id, timestamp(clock))
    await endSessions(trx, id)
    const after = { endedTokens: await endTokensOfPassword(trx, { userId: id, consoleToo: endTokens }) }
    const actor = actorOf(caller, request)
    const why = reason === undefined ? {} : { reason }
    await recordEvent(trx, clock, { action: 'mfa.reset', actor, target: auditTarget.user(user), after, ...why })
  })
}

export function claimOf({ caller, request }: By, proof: FactorProof) {
  const { userId, username } = caller
  return { userId, username, source: request, proof, actor: actorOf(caller, request) }
}

/** An enrolment from the future is not fresh: the clock was set back, and the enrolment would last until that time. */
function isFresh({ startedAt }: Enrolment, clock: Clock): boolean {
  return startedAt > later(clock.now(), -enrolmentLastsMs) && startedAt <= timestamp(clock)
}

function sessionOf({ sessionId }: Caller): string {
  if (sessionId === null) throw new Problem('tokens_not_accepted')
  return sessionId
}

async function refuseIfEnrolled(db: Db, userId: string): Promise<void> {
  if (hasSecondFactor(await listHeldKinds(db, userId))) throw new Problem('mfa_already_enabled')
}

async function replaceBackupCodes(
  trx: Trx,
  { clock, keyring }: FactorContext,
  { userId, backupCodes }: { userId: string; backupCodes: readonly string[] },
): Promise<void> {
  await deleteAuthenticators(trx, userId, 'backup-code')
  const createdAt = timestamp(clock)
  const codes = backupCodes.map((code) => {
    const data = backupCodeDigest(keyring, code)
    return { id: newId(clock.now()), userId, kind: 'backup-code', data, counter: null, createdAt } as const
  })
  await insertAuthenticators(trx, codes)
}
