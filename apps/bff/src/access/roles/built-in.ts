import { everything, type Permission } from '@gatehouse/contract/access/permission'
import { adminRoleName, minimumRoleName } from '@gatehouse/contract/access/roles'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import type { Trx } from '../../platform/db/open.ts'
import { insertRole } from './store.ts'

/** Adds the two built-in roles. Returns the id of the administrators' role. */
export async function insertBuiltInRoles(trx: Trx, clock: Clock): Promise<string> {
  const builtIn = (name: string, description: string, permissions: readonly Permission[]) => ({
    id: newId(clock.now()),
    name,
    description,
    builtIn: true,
    permissions: [...permissions],
    createdAt: timestamp(clock),
    version: 1,
  })
  const admin = builtIn(adminRoleName, 'May do everything, in the console and on the broker', everything)
  await insertRole(trx, admin)
  await insertRole(trx, builtIn(minimumRoleName, 'The own account, and nothing else', []))
  return admin.id
}
