/** The access domain: its context and its routes. */
import { permissions } from '@gatehouse/contract/access/permissions'
import { roles } from '@gatehouse/contract/access/roles'
import { permissionRoutes } from './access/permissions/routes.ts'
import { roleRoutes } from './access/roles/routes.ts'
import type { RolesContext } from './access/roles/service.ts'
import type { Broker } from './brokers/embedded/start-broker.ts'
import type { BrokerSet } from './brokers/inventory/broker-set.ts'
import { impactOnUsers } from './brokers/inventory/impact.ts'
import { makeVouching } from './certificates/authorities/confirm.ts'
import { deleteMappingsOf, listMappingsOf } from './identity/providers/mappings-store.ts'
import { requireAdministrator, requireStillHeld } from './identity/users/limits.ts'
import { roleHolders } from './identity/users/role-holders-store.ts'
import { foreseeHolders } from './identity/users/role-impact.ts'
import { userAccessRoutes } from './identity/users/routes.ts'
import type { Platform } from './open-platform.ts'
import { forgetRole } from './operations/settings/service.ts'
import type { Bind } from './platform/http/handle.ts'

export function createAccess(
  { db, reader, clock }: Platform,
  { broker, enforcers }: { broker: Broker; enforcers: BrokerSet },
): RolesContext {
  return {
    db,
    reader,
    clock,
    enforcers,
    vouching: makeVouching(clock),
    requireStillHeld,
    requireAdministrator,
    holders: roleHolders,
    mappings: { listMappings: listMappingsOf, removeMappings: deleteMappingsOf },
    impactOnHolders: async (roleId, after) => {
      const holders = await foreseeHolders(reader, roleId, after)
      return holders
        ? impactOnUsers({ broker, brokers: enforcers }, holders)
        : { connections: null, connectionsByBroker: [] }
    },
    forgetRole: (trx, of) => forgetRole(trx, clock, of),
  }
}

export function bindAccess(bind: Bind, context: RolesContext): void {
  bind(permissions, { ...permissionRoutes(context.reader), ...userAccessRoutes(context.reader) })
  bind(roles, roleRoutes(context))
}
