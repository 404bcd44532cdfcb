/** Ends sessions and tokens of users who have not signed in at their OpenID provider for too long. Until then, use refuses them. */
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, later, maxSkewMs } from '../../platform/base/clock.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { listUsersWithOldSignIn } from '../identities/origin-sign-in-store.ts'
import type { ProviderOf } from './connector.ts'
import { listProviders } from './store.ts'
import { deleteSessionsOfUsers } from '../sign-in/store.ts'
import { deleteTokensOfUsers } from '../tokens/store.ts'
import { usersById } from '../users/lookup-store.ts'

interface Context {
  db: Db
  clock: Clock
}

const dayMs = 24 * 60 * 60_000
/** Users in one transaction. */
const slice = 200

export async function endOldSignIns(context: Context): Promise<void> {
  for (const provider of await listProviders(context.db)) {
    if (provider.kind === 'oidc') await endThoseOf(context, provider)
  }
}

async function endThoseOf({ db, clock }: Context, { id, name, settings }: ProviderOf<'oidc'>): Promise<void> {
  const before = later(clock.now(), -settings.lastSignInDays * dayMs)
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
