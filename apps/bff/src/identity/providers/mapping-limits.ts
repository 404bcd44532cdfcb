/** A mapping is a gift of rights to persons who come later: its author covers every role that it gives. */
import { holds } from '@gatehouse/contract/access/permission'
import type { IdentityProvider, RoleMapping } from '@gatehouse/contract/identity/providers'
import { requireCover, requireEverything } from '../../access/roles/limits.ts'
import { findRoles, type RoleRights } from '../../access/roles/store.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import { permissionsOfEach } from '../users/rights-store.ts'
import { comparison } from './roles-for.ts'

/**
 * Throws `unknown_role` or `more_than_held` with the field of a new mapping that the caller may not write, and `not_permitted`
 * where the mapping gives rights in the console and the caller is no administrator.
 */
export async function requireMayMap(
  trx: Trx,
  caller: Caller,
  { before, after }: { before: IdentityProvider | null; after: IdentityProvider },
): Promise<void> {
  const roles = await requireMappableRoles(trx, after)
  const isKnown = knownIn(before, after)
  for (const [at, mapping] of after.mappings.entries()) {
    const role = roles.get(mapping.roleId)
    const field = `mappings.${at}.roleId`
    if (!role || isKnown(mapping)) continue
    const missing = role.permissions.find((permission) => !holds(caller.permissions, permission))
    if (missing) {
      throw new Problem('more_than_held', { fields: { [field]: 'more_than_held' }, facts: { permission: missing } })
    }
    if (role.permissions.some(({ context }) => context === 'http')) requireEverything(caller.permissions)
  }
}

/** The roles of the mappings, by id. Throws `unknown_role` with the field. */
export async function requireMappableRoles(db: Db, { mappings }: IdentityProvider): Promise<Map<string, RoleRights>> {
  const found = await findRoles(db, [...new Set(mappings.map(({ roleId }) => roleId))])
  const roles = new Map(found.map((role) => [role.id, role]))
  const unknown = mappings.findIndex(({ roleId }) => !roles.has(roleId))
  if (unknown >= 0) throw new Problem('unknown_role', { fields: { [`mappings.${unknown}.roleId`]: 'unknown_role' } })
  return roles
}

/** Did the provider have this mapping before? Other settings make all mappings new: the same source may name other persons. */
function knownIn(before: IdentityProvider | null, after: IdentityProvider): (mapping: RoleMapping) => boolean {
  if (!before || JSON.stringify(before.settings) !== JSON.stringify(after.settings)) return () => false
  const keyOf = comparison(before)
  const keys = new Set(before.mappings.map(({ source, roleId }) => `${roleId} ${keyOf(source)}`))
  return ({ source, roleId }) => keys.has(`${roleId} ${keyOf(source)}`)
}

/** Throws `above_caller` if one of these users, who lose a role, may do more than the caller. */
export async function requireCoverOfUsers(
  trx: Trx,
  caller: Caller,
  slices: AsyncIterable<readonly string[]>,
): Promise<void> {
  for await (const permissions of permissionsOfEach(trx, slices)) requireCover(caller.permissions, permissions)
}
