import type { session } from '@gatehouse/contract/identity/sign-in'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { Problem } from '../../platform/base/problem.ts'
import { appendChange } from '../../platform/changes/store.ts'
import type { Db } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { findIdentity, findNameThere } from '../identities/store.ts'
import type { ProviderAccount } from '../providers/connector.ts'
import { describeSecret, type SessionContext } from '../sign-in/identify.ts'
import { renewSession } from '../sign-in/renew.ts'
import { deleteOtherSessions } from '../sign-in/store.ts'
import { type Credentials, findCredentialsById } from '../users/credentials-store.ts'
import { provePassword } from '../users/prove-password.ts'
import { updatePassword } from '../users/store.ts'
import { hashPassword, verifyPassword } from './hashing.ts'
import { rememberSource } from './known-sources.ts'
import { requireGoodPassword } from './policy.ts'
import { recordRefusal } from './refusals.ts'

/** Changes the caller's password. All other sessions and the tokens end, and this session gets a new secret. */
export async function changePassword(
  context: SessionContext,
  { body, caller, request }: By & { body: Parsed<typeof session.changePassword>['body'] },
): Promise<Answer<typeof session.changePassword>> {
  const { db, reader, clock, enforcers, passwordKnown, endTokensOfPassword } = context
  if (caller.identityProvider !== 'local') throw new Problem('password_elsewhere')
  const { currentPassword, newPassword, endTokens } = body
  const claim = { password: currentPassword, caller, request, field: 'currentPassword' }
  const user = await requireOwnPassword(context, claim)
  const { username, hasFactor } = caller
  const policies = await readPolicies(reader)
  requireGoodPassword(policies.password, { password: newPassword, username, field: 'newPassword', hasFactor })
  if (await verifyPassword(user.password_hash, newPassword)) {
    throw new Problem('password_refused', { fields: { newPassword: 'password_same' } })
  }
  const hash = await hashPassword(newPassword)
  const { secret, devices, sequence } = await db.transaction().execute(async (trx) => {
    await updatePassword(trx, { id: caller.userId, hash, changeRequiredAt: null })
    await deleteOtherSessions(trx, caller.userId, caller.sessionId)
    const endedTokens = await endTokensOfPassword(trx, { userId: caller.userId, consoleToo: endTokens })
    const renewed = await renewSession(trx, { caller, clock, proved: 'password' })
    await recordEvent(trx, clock, {
      action: 'password.changed',
      actor: actorOf(caller, request),
      target: auditTarget.user({ id: caller.userId, username }),
      after: { endedTokens },
    })
    const remembered = await rememberSource(trx, clock, { userId: caller.userId, source: request })
    const changed = await appendChange(trx, clock, { kind: 'user', ids: [caller.userId] })
    return { secret: renewed, devices: remembered, sequence: changed }
  })
  request.setSession(secret)
  if (devices) request.setDevices(devices)
  await enforcers.waitFor([sequence])
  passwordKnown({ userId: caller.userId, username, credential: hash, password: newPassword })
  return describeSecret(context, secret)
}

/**
 * Checks the caller's password, here or at the directory that the caller comes from. Throws `wrong_password` on the field,
 * `throttled` or `directory_unavailable`, and records the first two.
 */
export async function requireOwnPassword(
  { db, reader, clock, directories }: Pick<SessionContext, 'db' | 'reader' | 'clock' | 'directories'>,
  { password, caller, request, field }: By & { password: string; field: string },
): Promise<Credentials> {
  const user = await findCredentialsById(reader, caller.userId)
  const nameThere = await findNameThere(reader, user)
  const claim = { username: caller.username, password, user, source: request, nameThere }
  const proof = await provePassword({ db, clock, directories }, claim)
  if (proof.outcome === 'right' && user && (await isOwnAccount(reader, caller.userId, proof.account))) {
    await db.transaction().execute(proof.settle)
    return user
  }
  if (proof.outcome === 'unavailable') {
    await db.transaction().execute(proof.settle)
    throw new Problem('directory_unavailable')
  }
  const reason = proof.outcome === 'throttled' ? 'throttled' : 'wrong_password'
  const actor = actorOf(caller, request)
  await db.transaction().execute((trx) =>
    recordRefusal(trx, clock, {
      action: 'session.refused',
      actor,
      username: caller.username,
      user,
      source: request,
      reason,
    }),
  )
  if (proof.outcome === 'throttled') throw new Problem('throttled', { retryAfterSeconds: proof.waitSeconds })
  throw new Problem('wrong_password', { fields: { [field]: 'wrong_password' } })
}

/** Another person may have the same username at the directory by now. */
export async function isOwnAccount(reader: Db, userId: string, account: ProviderAccount | null): Promise<boolean> {
  if (!account) return true
  const { provider, subject, isDisabled } = account
  const identity = await findIdentity(reader, { providerId: provider.id, subject })
  return identity?.user_id === userId && !isDisabled
}
