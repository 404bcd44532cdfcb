/** The access domain: its context and its routes. */
import { permissions } from '@gatehouse/contract/access/permissions'
import { roles } from '@gatehouse/contract/access/roles'
import { permissionRoutes } from './access/permissions/routes.ts'
import { roleRoutes } from './access/roles/routes.ts'
import type { RolesContext } from './access/roles/service.ts'
import { makeVouching } from './certificates/authorities/confirm.ts'
import { deleteMappingsOf, listMappingsOf } from './identity/providers/mappings-store.ts'
import { requireAdministrator, requireStillHeld } from './identity/users/limits.ts'
import { roleHolders } from './identity/users/role-holders-store.ts'
import { userAccessRoutes } from './identity/users/routes.ts'
import type { Platform } from './open-platform.ts'
import { forgetRole } from './operations/settings/service.ts'
import type { Enforcers } from './platform/changes/enforcers.ts'
import type { Bind } from './platform/http/handle.ts'

export function createAccess({ db, reader, clock }: Platform, enforcers: Enforcers): RolesContext {
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
    forgetRole: (trx, of) => forgetRole(trx, clock, of),
  }
}

export function bindAccess(bind: Bind, context: RolesContext): void {
  bind(permissions, { ...permissionRoutes(context.reader), ...userAccessRoutes(context.reader) })
  bind(roles, roleRoutes(context))
}
