import { roles } from '@gatehouse/contract/access/roles'
import { queryFor } from '../../api/queries.ts'

/** The roles that a search finds, with what they allow: as many as one would look through. */
export function foundRolesQuery(search = '') {
  return queryFor(roles.list, { search: { search: search || undefined, sort: 'name', limit: 50 } })
}
