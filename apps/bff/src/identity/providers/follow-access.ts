/** Ends sessions and tokens of the users of a provider that is disabled, and appends the change that brokers follow. */
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'
import type { Clock } from '../../platform/base/clock.ts'
import { appendChange } from '../../platform/changes/store.ts'
import type { Trx } from '../../platform/db/open.ts'
import { deleteSessionsOfIdentities, deleteSessionsOfUsers } from '../sign-in/store.ts'
import { deleteTokensOfUsers } from '../tokens/store.ts'
import { accessSettingsOf } from './access-settings.ts'
import { identitiesInSlices } from './mapping-changes.ts'
import { mostNamed } from './take-roles.ts'

interface Followed {
  /** For the audit: how much ended. */
  ended: { ended?: number; endedTokens?: number }
  sequences: number[]
}

export async function followAccess(
  trx: Trx,
  clock: Clock,
  { before, after }: { before: IdentityProvider; after: IdentityProvider },
): Promise<Followed> {
  if (accessSettingsOf(before) === accessSettingsOf(after)) return { ended: {}, sequences: [] }
  const isClosed = before.enabled && !after.enabled
  const userIds: string[] = []
  const counts = { ended: 0, endedTokens: 0 }
  for await (const identities of identitiesInSlices(trx, after.id)) {
    const origins = identities.filter(({ is_origin }) => is_origin === 1).map(({ user_id }) => user_id)
    if (userIds.length <= mostNamed) userIds.push(...origins)
    if (!isClosed) continue
    const linked = identities.filter(({ is_origin }) => is_origin === 0).map(({ id }) => id)
    counts.ended += await deleteSessionsOfIdentities(trx, linked)
    counts.ended += (await deleteSessionsOfUsers(trx, origins)).length
    counts.endedTokens += (await deleteTokensOfUsers(trx, origins)).length
  }
  const ended = isClosed ? counts : {}
  if (userIds.length === 0) return { ended, sequences: [] }
  const ids = userIds.length > mostNamed ? null : userIds
  return { ended, sequences: [await appendChange(trx, clock, { kind: 'user', ids })] }
}
