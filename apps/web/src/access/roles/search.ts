import { roles } from '@gatehouse/contract/access/roles'
import { Id } from '@gatehouse/contract/base'
import * as z from 'zod/mini'
import { queryFor } from '../../api/queries.ts'
import { listParameters, parameter } from '../../ui/list-parameters.ts'

/** The URL of the page: the list, and which dialog is open. */
export const RolesSearch = z.object({
  ...listParameters(roles.list.search.shape.sort),
  create: parameter(z.string()),
  edit: parameter(Id),
})
export type RolesSearch = z.output<typeof RolesSearch>

/** The URL of one role's page: whether Edit Role is open. */
export const RoleSearch = z.object({ edit: parameter(z.string()) })
export type RoleSearch = z.output<typeof RoleSearch>

/** The role whose dialog the URL opens. */
export function roleQuery(id: string) {
  return queryFor(roles.view, { params: { id } })
}
