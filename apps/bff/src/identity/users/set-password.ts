import type { users } from '@gatehouse/contract/identity/users'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import { oneTimePassword } from '../../platform/base/secret.ts'
import { appendChange } from '../../platform/changes/store.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { hashPassword } from '../passwords/hashing.ts'
import { requireGoodPassword } from '../passwords/policy.ts'
import type { UsersContext } from './context.ts'
import { requireChangeable } from './service.ts'
import { findUser, updatePassword } from './store.ts'

/**
 * An administrator sets the password of another user. Without a given password the server makes one for one use and returns it,
 * so that no person chose a password that another one keeps (ASVS 6.4.6).
 */
export async function setPassword(
  { db, reader, clock, enforcers, passwordKnown, endSessions, endTokensOfPassword }: UsersContext,
  { id, body, caller, request }: By & { id: string; body: Parsed<typeof users.setPassword>['body'] },
): Promise<Answer<typeof users.setPassword>> {
  if (caller.userId === id) throw new Problem('own_account')
  const known = await findUser(reader, id)
  if (!known) throw new Problem('not_found')
  if (known.identityProvider !== 'local') throw new Problem('password_elsewhere')
  const { newPassword, mustChange, endTokens } = body
  if (newPassword) {
    const { username, mfa } = known
    const claim = { password: newPassword, username, field: 'newPassword', hasFactor: mfa.enabled }
    requireGoodPassword((await readPolicies(reader)).password, claim)
  }
  const password = newPassword ?? oneTimePassword()
  const hash = await hashPassword(password)
  const sequence = await db.transaction().execute(async (trx) => {
    const user = await requireChangeable(trx, id, { caller, request })
    await updatePassword(trx, { id, hash, changeRequiredAt: mustChange ? timestamp(clock) : null })
    await endSessions(trx, id)
    const endedTokens = await endTokensOfPassword(trx, { userId: id, consoleToo: endTokens })
    await recordEvent(trx, clock, {
      action: 'password.set',
      actor: actorOf(caller, request),
      target: auditTarget.user(user),
      after: { mustChange, endedTokens },
    })
    return appendChange(trx, clock, { kind: 'user', ids: [id] })
  })
  const enforced = await enforcers.waitFor([sequence])
  passwordKnown({ userId: id, username: known.username, credential: hash, password })
  return { password: newPassword === undefined ? password : null, ...enforced }
}
