/** Takes roles from users that no mapping gives them any more. New ones come with the next sign-in or sweep. */
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { findRoles } from '../../access/roles/store.ts'
import { type AuditEntry, recordEvents } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { appendChanges, trustChange } from '../../platform/changes/store.ts'
import type { Trx } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { usersById } from '../users/lookup-store.ts'
import { replaceMappedRoles } from '../users/mapped-roles-store.ts'
import { countVersions } from '../users/version-store.ts'
import { changesByMappings, type MappingChange } from './mapping-changes.ts'
import { requireCoverOfUsers } from './mapping-limits.ts'
import type { ProvidersContext } from './service.ts'

/** The change log names the users up to this many. Beyond that, brokers review all users. */
export const mostNamed = 1_000

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
  const roleIds = [...new Set(losing.flatMap(({ held }) => held))]
  const names = new Map((await findRoles(trx, roleIds)).map(({ id, name }) => [id, name]))
  const named = (ids: readonly string[]) => ids.map((id) => names.get(id) ?? id)
  const yieldIfDue = createYielder()
  for await (const slice of inSlices(losing)) {
    const users = await usersById(
      trx,
      slice.map(({ userId }) => userId),
    )
    const byId = new Map(users.map((user) => [user.id, user]))
    const events: AuditEntry[] = []
    for (const { userId, held, loses } of slice) {
      const user = byId.get(userId)
      if (!user) throw new Error('A linked identity has no user')
      await replaceMappedRoles(trx, { user, gained: [], lost: loses })
      await yieldIfDue()
      events.push({
        action: 'roles.mapped',
        actor: actorOf(by.caller, by.request),
        target: auditTarget.user(user),
        before: { roles: named(held) },
        after: { roles: named(held.filter((id) => !loses.includes(id))) },
      })
    }
    await countVersions(trx, [...byId.keys()])
    await recordEvents(trx, clock, events)
  }
}

async function* inSlices<T>(all: readonly T[]): AsyncGenerator<T[]> {
  for (let at = 0; at < all.length; at += 500) yield all.slice(at, at + 500)
}
