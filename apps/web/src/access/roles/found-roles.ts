import { roles } from '@gatehouse/contract/access/roles'
import { queryFor } from '../../api/queries.ts'

/** The roles that a search finds, with their permissions; only the first results. */
export function foundRolesQuery(search = '') {
  return queryFor(roles.list, { search: { search: search || undefined, sort: 'name', limit: 50 } })
}
