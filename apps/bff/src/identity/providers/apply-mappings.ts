import type { User } from '@gatehouse/contract/identity/users'
import { findRoles } from '../../access/roles/store.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { appendChanges, trustChange } from '../../platform/changes/store.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import type { UsersContext } from '../users/context.ts'
import { listMappedRoles, replaceMappedRoles } from '../users/mapped-roles-store.ts'
import { countVersions } from '../users/version-store.ts'
import type { ProviderAccount } from './connector.ts'
import { rolesFor } from './roles-for.ts'

/**
 * Gives the user the roles of its groups, and takes the ones that no group gives any more. Unknown groups change nothing.
 * Returns the sequences of the changes.
 */
export async function applyMappings(
  trx: Trx,
  { clock, vouching }: Pick<UsersContext, 'clock' | 'vouching'>,
  { account, user, actor }: { account: ProviderAccount; user: User; actor: Actor },
): Promise<number[]> {
  const { provider, groups } = account
  if (groups === null) return []
  const held = await listMappedRoles(trx, user.id)
  const given = rolesFor(provider, groups).map(({ roleId }) => roleId)
  const gained = given.filter((id) => !held.includes(id))
  const lost = held.filter((id) => !given.includes(id))
  if (gained.length + lost.length === 0) return []
  const { limiters } = await vouching.look(trx, { users: [user.id] })
  const names = new Map((await findRoles(trx, [...held, ...gained])).map(({ id, name }) => [id, name]))
  await replaceMappedRoles(trx, { user, gained, lost })
  await countVersions(trx, [user.id])
  await recordEvent(trx, clock, {
    action: 'roles.mapped',
    actor,
    target: auditTarget.user(user),
    before: { roles: named(held) },
    after: { roles: named(given) },
  })
  const concernsTrust = limiters.size > 0
  return appendChanges(trx, clock, [{ kind: 'user', ids: [user.id] }, ...(concernsTrust ? [trustChange] : [])])

  function named(ids: readonly string[]): string[] {
    return ids.map((id) => names.get(id) ?? id)
  }
}
