import type { FactorProof } from '@gatehouse/contract/identity/second-factors'
import type { Session, session } from '@gatehouse/contract/identity/sign-in'
import type { Parsed } from '@gatehouse/contract/route'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import { hashSecret } from '../../platform/base/secret.ts'
import type { Trx } from '../../platform/db/open.ts'
import { actorOf, type By, type Caller, type RequestInfo } from '../../platform/http/request.ts'
import { rememberSource } from '../passwords/known-sources.ts'
import { requireOwnPassword } from '../passwords/own-password.ts'
import { countBackupCodes } from '../second-factors/authenticators-store.ts'
import { hasSecondFactor } from '../second-factors/kinds.ts'
import { withFactor } from '../second-factors/prove.ts'
import { claimOf } from '../second-factors/service.ts'
import { kindOf } from '../second-factors/verifiers.ts'
import { accountOf } from '../users/account.ts'
import type { Credentials } from '../users/credentials-store.ts'
import { takeResetNotice, updateLastSignIns } from '../users/store.ts'
import { callerIn, describe, describeSecret, type SessionContext } from './identify.ts'
import type { ProofKind } from './proofs.ts'
import { openSession, renewSession, sessionOf } from './renew.ts'
import { type SignInContext, type SignInProof, signInThrough } from './sign-in.ts'
import { addProof, deleteSession, deleteSessionBySecret } from './store.ts'

export async function signIn(
  context: SignInContext,
  { username, password, code }: Parsed<typeof session.signIn>['body'],
  request: RequestInfo,
): Promise<Session> {
  const { secret, devices, caller } = await signInThrough(context, {
    username,
    password,
    code,
    request,
    refusal: 'session.refused',
    judge: ({ isPasswordOff }) => (isPasswordOff ? 'password_sign_in_off' : null),
    admit: (trx, user, proof) => beginSession(trx, context.clock, { user, request, proof }),
  })
  request.setSession(secret)
  if (devices) request.setDevices(devices)
  return describe(caller, context.version)
}

interface Beginning {
  user: Credentials
  request: RequestInfo
  proof: SignInProof
}

/** Opens a session of a user who has proved this. Returns the secret for the cookie. */
export async function beginSession(
  trx: Trx,
  clock: Clock,
  { user, request, proof }: Beginning,
): Promise<{ secret: string; devices: string[] | null; caller: Caller }> {
  // A new sign-in takes the place of the old one (ASVS 7.2.4).
  if (request.sessionSecret !== null) await deleteSessionBySecret(trx, hashSecret(request.sessionSecret))
  const notice = await takeResetNotice(trx, user)
  const { session: policy } = user.policies
  const { kinds: proved, identity } = proof
  const { secret, row } = await openSession(trx, { userId: user.id, clock, request, notice, proved, policy, identity })
  const caller = callerIn({ session: row, account: await accountOf(trx, user) }, clock)
  if (!caller) throw new Problem('sign_in_refused')
  const factor = proved.map((kind) => factorNames[kind]).find((name) => name !== undefined)
  const isDone = factor !== undefined || !hasSecondFactor(user.authenticators)
  if (isDone) await updateLastSignIns(trx, [{ userId: user.id, at: row.created_at }])
  await recordEvent(trx, clock, {
    action: isDone ? 'session.signed-in' : 'session.begun',
    actor: { userId: user.id, username: user.username, via: 'sign-in', address: request.address },
    target: auditTarget.session(row.id, user.username),
    ...((factor || identity) && {
      after: {
        ...(factor && { secondFactor: factor }),
        ...(identity && { identityProvider: identity.provider.name }),
      },
    }),
  })
  // Not before the code is right: a thief who has only the password must not get a pool of attempts for codes.
  const devices = isDone ? await rememberSource(trx, clock, { userId: user.id, source: request }) : null
  return { secret, devices, caller }
}

/** Of the audit: second factors that come with the first step. */
const factorNames: Partial<Record<ProofKind, string>> = { totp: 'code', 'provider-factor': 'identity provider' }

/** The second step of a sign-in: a code, or a backup code where the device is lost. */
export async function proveFactor(
  context: SessionContext,
  { proof, caller, request }: By & { proof: FactorProof },
): Promise<Session> {
  const { clock, reader } = context
  const isBackupCode = 'backupCode' in proof
  const actor = { ...actorOf(caller, request), via: 'sign-in' } as const
  const claim = { ...claimOf({ caller, request }, proof), actor }
  const { secret, devices } = await withFactor(context, claim, async (trx) => {
    const renewed = await renewSession(trx, { caller, clock, proved: kindOf(proof) })
    await updateLastSignIns(trx, [{ userId: caller.userId, at: timestamp(clock) }])
    await recordEvent(trx, clock, {
      action: 'session.signed-in',
      actor,
      target: auditTarget.caller(caller),
      after: { secondFactor: isBackupCode ? 'backup code' : 'code' },
    })
    return { secret: renewed, devices: await rememberSource(trx, clock, { userId: caller.userId, source: request }) }
  })
  request.setSession(secret)
  if (devices) request.setDevices(devices)
  const described = await describeSecret(context, secret)
  return isBackupCode ? { ...described, backupCodesLeft: await countBackupCodes(reader, caller.userId) } : described
}

export async function signOut({ db, clock }: SessionContext, { caller, request }: By): Promise<undefined> {
  await db.transaction().execute(async (trx) => {
    await deleteSession(trx, sessionOf(caller))
    await recordEvent(trx, clock, {
      action: 'session.signed-out',
      actor: actorOf(caller, request),
      target: auditTarget.session(sessionOf(caller), caller.username),
    })
  })
  request.clearSession()
}

/** Step-up: adds a fresh proof to the session. A user with a second factor has to show a code. */
export async function proveAgain(
  context: SessionContext,
  { proof, caller, request }: By & { proof: Parsed<typeof session.prove>['body'] },
): Promise<undefined> {
  const { db, clock } = context
  const mark = async (trx: Trx) => {
    const kind = 'code' in proof ? 'totp' : caller.identityProvider === 'local' ? 'password' : 'directory'
    await addProof(trx, sessionOf(caller), { kind, at: timestamp(clock) })
    await recordEvent(trx, clock, { action: 'session.proved', actor: actorOf(caller, request) })
  }
  if ('code' in proof) {
    const claim = claimOf({ caller, request }, proof)
    await withFactor(context, claim, mark)
  } else {
    if (caller.hasFactor) throw new Problem('code_required', { fields: { code: 'required' } })
    const claim = { password: proof.password, caller, request, field: 'password' }
    if ((await requireOwnPassword(context, claim)).isPasswordOff) throw new Problem('password_sign_in_off')
    await db.transaction().execute(mark)
  }
  return undefined
}
