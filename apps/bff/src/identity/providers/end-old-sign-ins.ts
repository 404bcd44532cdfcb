/**
 * Ends sessions and tokens of users who have not signed in at their provider for too long. Until then, use refuses them. The broker
 * itself ends connections that rest on such a sign-in.
 */
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, later, maxSkewMs } from '../../platform/base/clock.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { listUsersWithOldSignIn } from '../identities/origin-sign-in-store.ts'
import { deleteSessionsOfUsers } from '../sign-in/store.ts'
import { deleteTokensOfUsers } from '../tokens/store.ts'
import { usersById } from '../users/lookup-store.ts'
import { signInDaysOf } from './access-settings.ts'
import { listProviders } from './store.ts'

interface Context {
  db: Db
  clock: Clock
}

const dayMs = 24 * 60 * 60_000
/** Users in one transaction. */
const slice = 200

export async function endOldSignIns(context: Context): Promise<void> {
  for (const provider of await listProviders(context.db)) {
    const days = signInDaysOf(provider)
    if (days !== null) await endThoseOf(context, { ...provider, days })
  }
}

interface Ending extends Pick<IdentityProvider, 'id' | 'name'> {
  days: number
}

async function endThoseOf({ db, clock }: Context, { id, name, days }: Ending): Promise<void> {
  const before = later(clock.now(), -days * dayMs)
  const notAfter = later(clock.now(), maxSkewMs)
  for (let after = ''; ; ) {
    const userIds = await db.transaction().execute(async (trx) => {
      const found = await listUsersWithOldSignIn(trx, { providerId: id, before, notAfter, after, limit: slice })
      if (found.length > 0) await end(trx, clock, { userIds: found, provider: name })
      return found
    })
    const last = userIds.at(-1)
    if (last === undefined || userIds.length < slice) return
    after = last
  }
}

async function end(
  trx: Trx,
  clock: Clock,
  { userIds, provider }: { userIds: readonly string[]; provider: string },
): Promise<void> {
  const sessions = Map.groupBy(await deleteSessionsOfUsers(trx, userIds), (id) => id)
  const tokens = Map.groupBy(await deleteTokensOfUsers(trx, userIds), (id) => id)
  const concerned = userIds.filter((id) => sessions.has(id) || tokens.has(id))
  if (concerned.length === 0) return
  for (const user of await usersById(trx, concerned)) {
    await recordEvent(trx, clock, {
      action: 'session.ended',
      actor: { userId: null, username: null, via: 'system', address: null },
      target: auditTarget.user(user),
      after: {
        ended: sessions.get(user.id)?.length ?? 0,
        endedTokens: tokens.get(user.id)?.length ?? 0,
        identityProvider: provider,
      },
    })
  }
}
