import { catalogue } from '@gatehouse/contract/access/catalogue'
import type { permissions } from '@gatehouse/contract/access/permissions'
import type { Db } from '../../platform/db/open.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { listHolders } from './holders-store.ts'
import { listHeld } from './permission-list.ts'

/** Without the routes about one user: see `identity/users/access.ts`. */
export function permissionRoutes(reader: Db): Omit<Bindings<typeof permissions>, 'accessOf' | 'check'> {
  return {
    list: ({ search }) => listHeld(reader, search),
    catalogue: async () => catalogue,
    holders: ({ search: { 'context[eq]': context, 'resource[eq]': resource, 'operation[eq]': operation, ...page } }) =>
      listHolders(reader, { context, resource, operation }, { limit: page.limit, cursor: page.cursor }),
  }
}
