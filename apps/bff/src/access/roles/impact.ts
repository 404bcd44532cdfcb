import { coversAll, mayCall } from '@gatehouse/contract/access/permission'
import { namedHolders, type RoleImpact, type roles } from '@gatehouse/contract/access/roles'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { users } from '@gatehouse/contract/identity/users'
import type { Parsed } from '@gatehouse/contract/route'
import { Problem } from '../../platform/base/problem.ts'
import type { Caller } from '../../platform/http/request.ts'
import type { RolesContext } from './service.ts'
import { findRole } from './store.ts'

interface Question {
  id: string
  change: Parsed<typeof roles.impact>['body']
  caller: Caller
}

/** Previews which users lose a permission by a change or a deletion. Names them if the caller may list users. */
export async function previewImpact(
  {
    reader,
    holders,
    mappings: mapped,
    impactOnHolders,
  }: Pick<RolesContext, 'reader' | 'holders' | 'mappings' | 'impactOnHolders'>,
  { id, change, caller }: Question,
): Promise<RoleImpact> {
  const role = await findRole(reader, id)
  if (!role) throw new Problem('not_found')
  const after = 'delete' in change ? [] : (change.permissions ?? role.permissions)
  const mayRead = mayCall(caller.permissions, identityProviders.list)
  const mappings = mayRead ? await mapped.listMappings(reader, id) : null
  if (!('delete' in change) && coversAll(after, role.permissions))
    return { users: 0, firstUsers: [], mappings, connections: 0, connectionsByBroker: [] }
  const maySee = mayCall(caller.permissions, users.list)
  const firstUsers = maySee ? await holders.listFirst(reader, id, namedHolders) : null
  const ended = await impactOnHolders(id, 'delete' in change ? null : after)
  return { users: role.userCount, firstUsers, mappings, ...ended }
}
