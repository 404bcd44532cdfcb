import type { FactorProof, Mfa, mfa } from '@gatehouse/contract/identity/second-factors'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { recordEvent } from '../../platform/audit/store.ts'
import { type Clock, later, timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { actorOf, type By, type Caller, type RequestInfo } from '../../platform/http/request.ts'
import type { EndTokensOfPassword } from '../users/context.ts'
import { findChangeable, targetOf as targetOfUser } from '../users/service.ts'
import { findCredentialsById } from '../users/store.ts'
import { newBackupCodes } from './backup-codes.ts'
import {
  backupCodeDigest,
  countCode,
  type FactorContext,
  recordingRefusal,
  secretOf,
  withFactor,
  wrongCode,
} from './prove.ts'
import {
  countBackupCodes,
  deleteEnrolmentsOf,
  deleteFactor,
  type Enrolment,
  findEnrolment,
  insertFactor,
  markReset,
  replaceBackupCodes,
  takeEnrolment,
  writeEnrolment,
} from './store.ts'
import { findStep, newTotpSecret, otpauthUri } from './totp.ts'

export interface MfaContext extends FactorContext {
  /** Is a second factor demanded of this user, by the account or by the policy? */
  isDemanded(db: Db, userId: string): Promise<boolean>
  /** The factor was proved in this session: it gets a new secret, within the transaction. */
  renewSession(trx: Trx, caller: Caller, request: RequestInfo): Promise<string>
  /** Ends the user's sessions in the console, within the transaction. */
  endSessions(trx: Trx, userId: string): Promise<void>
  endTokensOfPassword: EndTokensOfPassword
}

/** How long after its last beginning an enrolment can be completed. */
const enrolmentLastsMs = 10 * 60_000

export async function viewMfa({ reader, isDemanded }: MfaContext, { userId }: Caller): Promise<Mfa> {
  const user = await findCredentialsById(reader, userId)
  const enrolledAt = user?.mfa_enrolled_at ?? null
  return {
    enabled: enrolledAt !== null,
    required: await isDemanded(reader, userId),
    enrolledAt,
    backupCodesLeft: await countBackupCodes(reader, userId),
  }
}

/**
 * Begins: a secret that enables nothing until one code of it was right. The same session gets the same secret again while that is
 * fresh, or the QR code that was scanned before a reload would be worth nothing. Another session gets another secret: a thief of the
 * password who begins first must not learn the secret that the owner completes (decision 50).
 */
export async function beginEnrolment(
  { db, clock, keyring }: MfaContext,
  { caller }: By,
): Promise<Answer<typeof mfa.enrol>> {
  const { userId, username } = caller
  const sessionId = sessionOf(caller)
  const secret = await db.transaction().execute(async (trx) => {
    await refuseIfEnrolled(trx, userId)
    const before = await findEnrolment(trx, sessionId)
    const secretBox =
      before && isFresh(before, clock) ? before.secretBox : keyring.encrypt(newTotpSecret(), secretOf(userId))
    await writeEnrolment(trx, { userId, sessionId, secretBox, startedAt: timestamp(clock) })
    return keyring.decrypt(secretBox, secretOf(userId))
  })
  return { secret, otpauthUri: otpauthUri(username, secret), expiresAt: later(clock.now(), enrolmentLastsMs) }
}

/** Completes: from here on signing in takes a code. All other sessions have yet to show one. A wrong code is recorded. */
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
  const enrolment = await findEnrolment(reader, sessionId)
  if (!enrolment || !isFresh(enrolment, clock)) throw new Problem('enrolment_expired')
  const { secretBox } = enrolment
  const step = findStep(keyring.decrypt(secretBox, secretOf(userId)), code, clock.now())
  if (step === null) throw wrongCode({ code })
  const backupCodes = newBackupCodes()
  const secret = await db.transaction().execute(async (trx) => {
    // Asked again: another session may have completed its own enrolment since.
    await refuseIfEnrolled(trx, userId)
    if (!(await takeEnrolment(trx, sessionId, secretBox))) throw new Problem('enrolment_expired')
    await deleteEnrolmentsOf(trx, userId)
    await insertFactor(trx, { userId, secretBox, lastUsedStep: step, at: timestamp(clock) })
    await replaceBackupCodes(trx, userId, digestsOf(context, backupCodes))
    // They were made without the factor. Those made in the console belong to a session that goes on.
    const after = { endedTokens: await endTokensOfPassword(trx, { userId, consoleToo: false }) }
    const actor = actorOf(caller, request)
    await recordEvent(trx, clock, { action: 'mfa.enabled', actor, target: targetOf(caller), after })
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
    await replaceBackupCodes(trx, caller.userId, digestsOf(context, backupCodes))
    const actor = actorOf(caller, request)
    await recordEvent(trx, context.clock, { action: 'backup-codes.regenerated', actor, target: targetOf(caller) })
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
  // Asked first: a code is not used up for nothing. And again, for it may have been demanded since.
  await requireFree(context.reader)
  await withFactor(context, claimOf({ caller, request }, proof), async (trx) => {
    await requireFree(trx)
    await deleteFactor(trx, caller.userId)
    const actor = actorOf(caller, request)
    await recordEvent(trx, context.clock, { action: 'mfa.disabled', actor, target: targetOf(caller) })
  })
}

/** An administrator turns a lost factor off. Sessions and tokens end, and the next sign-in says what happened. */
export async function resetMfa(
  { db, clock, endSessions, endTokensOfPassword }: MfaContext,
  { id, body: { reason, endTokens }, caller, request }: By & { id: string; body: Parsed<typeof mfa.reset>['body'] },
): Promise<undefined> {
  if (caller.userId === id) throw new Problem('own_account')
  await db.transaction().execute(async (trx) => {
    const user = await findChangeable(trx, id, { caller, request })
    if (!user.mfa.enabled) throw new Problem('mfa_not_enabled')
    await deleteFactor(trx, id)
    await markReset(trx, id, timestamp(clock))
    await endSessions(trx, id)
    const after = { endedTokens: await endTokensOfPassword(trx, { userId: id, consoleToo: endTokens }) }
    const actor = actorOf(caller, request)
    const why = reason === undefined ? {} : { reason }
    await recordEvent(trx, clock, { action: 'mfa.reset', actor, target: targetOfUser(user), after, ...why })
  })
}

export function claimOf({ caller, request }: By, proof: FactorProof) {
  const { userId, username } = caller
  return { userId, username, source: request, proof, actor: actorOf(caller, request) }
}

/** One that begins in the future is not: the clock was set back, and it would be good until then. */
function isFresh({ startedAt }: Enrolment, clock: Clock): boolean {
  return startedAt > later(clock.now(), -enrolmentLastsMs) && startedAt <= timestamp(clock)
}

function sessionOf({ sessionId }: Caller): string {
  if (sessionId === null) throw new Problem('tokens_not_accepted')
  return sessionId
}

async function refuseIfEnrolled(db: Db, userId: string): Promise<void> {
  const user = await findCredentialsById(db, userId)
  if (user && user.mfa_enrolled_at !== null) throw new Problem('mfa_already_enabled')
}

function digestsOf({ keyring }: FactorContext, codes: readonly string[]): string[] {
  return codes.map((code) => backupCodeDigest(keyring, code))
}

function targetOf({ userId, username }: Caller) {
  return { type: 'user', id: userId, name: username } as const
}
