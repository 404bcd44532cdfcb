import { everything, everythingOnEdge, type Permission } from '@gatehouse/contract/access/permission'
import { adminRoleName, minimumRoleName, operatorRoleName, viewerRoleName } from '@gatehouse/contract/access/roles'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import type { Trx } from '../../platform/db/open.ts'
import { insertRole } from './store.ts'

const http = (operation: Permission['operation'], resource: string): Permission => ({
  context: 'http',
  resource,
  operation,
})

/**
 * Reads what the console shows. The areas are listed one by one, so that a new area, such as message contents, stays
 * closed until it is added here and in a migration.
 */
export const viewerPermissions: readonly Permission[] = [
  http('read', '/api/admission-rules/#'),
  http('read', '/api/audit/#'),
  http('read', '/api/authorities/#'),
  http('read', '/api/broker'),
  http('read', '/api/broker/connections/#'),
  http('read', '/api/broker/decisions/#'),
  http('read', '/api/broker/retained'),
  http('read', '/api/broker/sessions'),
  http('read', '/api/certificates/check'),
  http('read', '/api/client-certificates/#'),
  http('read', '/api/deployments/#'),
  http('read', '/api/kubernetes/#'),
  http('read', '/api/denied-devices/#'),
  http('read', '/api/identity-providers/#'),
  http('read', '/api/listeners/#'),
  http('read', '/api/brokers/#'),
  http('read', '/api/permissions/#'),
  http('read', '/api/revocations/#'),
  http('read', '/api/roles/#'),
  http('read', '/api/settings'),
  http('read', '/api/upstreams/#'),
  http('read', '/api/users.csv'),
  http('read', '/api/users/#'),
]

/**
 * Runs users, devices and certificates (decision 69). The permissions of MQTT and of the edge are needed to change devices,
 * because callers change only users whose permissions they cover. MQTT leaves out `$SYS/#`, which only administrators hold.
 */
export const operatorPermissions: readonly Permission[] = [
  ...viewerPermissions,
  http('write', '/api/authorities/+/crl'),
  http('write', '/api/broker/connections/+'),
  http('write', '/api/broker/sessions'),
  http('write', '/api/client-certificates/#'),
  http('write', '/api/revocations'),
  http('write', '/api/revocations/+'),
  http('write', '/api/users/#'),
  { context: 'mqtt', resource: '#', operation: 'readWrite' },
  everythingOnEdge,
]

/** Adds the built-in roles. Returns the id of the administrators' role. */
export async function insertBuiltInRoles(trx: Trx, clock: Clock): Promise<string> {
  const insert = async (name: string, description: string, permissions: readonly Permission[]): Promise<string> => {
    const id = newId(clock.now())
    const createdAt = timestamp(clock)
    await insertRole(trx, {
      id,
      name,
      description,
      builtIn: true,
      permissions: [...permissions],
      createdAt,
      version: 1,
    })
    return id
  }
  await insert(minimumRoleName, 'The own account, and nothing else', [])
  await insert(viewerRoleName, 'Reads everything in the console that is not secret', viewerPermissions)
  await insert(operatorRoleName, 'Runs users, devices and certificates', operatorPermissions)
  return insert(adminRoleName, 'May do everything, in the console and on the broker', [...everything, everythingOnEdge])
}
