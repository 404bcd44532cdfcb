/** Gives users roles, and individually what the roles lack. */
import { coversAll, holds, type Permission } from '@gatehouse/contract/access/permission'
import type { DraftRole } from './draft.ts'

export interface Assigned {
  roles: string[]
  permissions: Permission[]
  /** Roles that the user held and does not get: they would allow more than the user may. */
  refused: string[]
}

/**
 * Takes each candidate that allows nothing beyond `rights`. Together with the individual permissions they allow exactly `rights`.
 */
export function assign(rights: readonly Permission[], candidates: readonly DraftRole[]): Assigned {
  const useful = candidates.filter(({ permissions }) => permissions.length > 0)
  const [fitting, refused] = [
    useful.filter(({ permissions }) => coversAll(rights, permissions)),
    useful.filter(({ permissions }) => !coversAll(rights, permissions)),
  ]
  const byRoles = fitting.flatMap(({ permissions }) => permissions)
  return {
    roles: [...new Set(fitting.map(({ name }) => name))],
    permissions: rights.filter((permission) => !holds(byRoles, permission)),
    refused: refused.map(({ name }) => name),
  }
}
