import { roles } from '@gatehouse/contract/access/roles'
import { queryFor } from '../../api/queries.ts'

/** As many as a list gives at once. */
export const roleChoicesQuery = queryFor(roles.list, { search: { sort: 'name', limit: 200 } })
