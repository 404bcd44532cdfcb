/** Takes roles from users that no mapping gives them any more. New ones come with the next sign-in or sweep. */
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'
import { findRoles } from '../../access/roles/store.ts'
import { recordEvents } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { appendChanges, trustChange } from '../../platform/changes/store.ts'
import type { Trx } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { usersById } from '../users/lookup-store.ts'
import { replaceMappedRoles } from '../users/mapped-roles-store.ts'
import { changesByMappings, type MappingChange } from './mapping-changes.ts'
import { requireCoverOfUsers } from './mapping-limits.ts'
import type { ProvidersContext } from './service.ts'

/** The change log names the users up to this many. Beyond that, brokers review all users. */
const mostNamed = 1_000

/** Throws `above_caller` if one of the users may do more than the caller. Returns the sequences of the changes. */
export async function takeUnmappedRoles(
  trx: Trx,
  context: Pick<ProvidersContext, 'clock' | 'vouching'>,
  { provider, by }: { provider: IdentityProvider; by: By },
): Promise<number[]> {
  const { clock, vouching } = context
  const losing: MappingChange[] = []
  for await (const slice of changesByMappings(trx, provider))
    losing.push(...slice.filter(({ loses }) => loses.length > 0))
  if (losing.length === 0) return []
  const ids = losing.map(({ userId }) => userId)
  await requireCoverOfUsers(trx, by.caller, inSlices(ids))
  const { limiters } = await vouching.look(trx, { users: ids })
  await take(trx, context, { losing, by })
  const named = ids.length > mostNamed ? null : ids
  return appendChanges(trx, clock, [{ kind: 'user', ids: named }, ...(limiters.size > 0 ? [trustChange] : [])])
}

async function take(
  trx: Trx,
  { clock }: Pick<ProvidersContext, 'clock'>,
  { losing, by }: { losing: readonly MappingChange[]; by: By },
): Promise<void> {
  const roleIds = [...new Set(losing.flatMap(({ loses }) => loses))]
  const names = new Map((await findRoles(trx, roleIds)).map(({ id, name }) => [id, name]))
  for await (const slice of inSlices(losing)) {
    const users = await usersById(
      trx,
      slice.map(({ userId }) => userId),
    )
    const loses = new Map(slice.map((each) => [each.userId, each.loses]))
    for (const user of users) await replaceMappedRoles(trx, { user, gained: [], lost: loses.get(user.id) ?? [] })
    const events = users.map((user) => ({
      action: 'roles.mapped' as const,
      actor: actorOf(by.caller, by.request),
      target: auditTarget.user(user),
      before: { roles: (loses.get(user.id) ?? []).map((id) => names.get(id) ?? id) },
      after: { roles: [] },
    }))
    await recordEvents(trx, clock, events)
  }
}

async function* inSlices<T>(all: readonly T[]): AsyncGenerator<T[]> {
  for (let at = 0; at < all.length; at += 500) yield all.slice(at, at + 500)
}
