import { Id } from '@gatehouse/contract/base'
import { Tag } from '@gatehouse/contract/identity/tags'
import { GrantMethod, Kind, users } from '@gatehouse/contract/identity/users'
import * as z from 'zod/mini'
import { queryFor } from '../../api/queries.ts'
import { listParameters, parameter } from '../../ui/list-parameters.ts'

/** The URL of the three lists: filters, and which dialog is open. */
export const UsersSearch = z.object({
  ...listParameters(users.list.search.shape.sort),
  role: parameter(Id),
  method: parameter(GrantMethod),
  kind: parameter(Kind),
  state: parameter(users.list.search.shape['state[eq]']),
  factor: parameter(users.list.search.shape['factor[eq]']),
  tag: parameter(Tag),
  create: parameter(z.string()),
  edit: parameter(Id),
})
export type UsersSearch = z.output<typeof UsersSearch>

/** The URL of one user's page: the tab, and whether Edit User is open. */
export const UserSearch = z.object({
  tab: parameter(z.enum(['certificates', 'access', 'decisions', 'sessions'])),
  edit: parameter(z.string()),
})
export type UserSearch = z.output<typeof UserSearch>

/** What the list is filtered by, as its route calls it. */
export function filtersIn({ search, role, method, kind, state, factor, tag }: UsersSearch) {
  return {
    search,
    'role[eq]': role,
    'method[eq]': method,
    'kind[eq]': kind,
    'state[eq]': state,
    'factor[eq]': factor,
    'tag[eq]': tag,
  }
}

/** The user whose dialog the URL opens. */
export function userQuery(id: string) {
  return queryFor(users.view, { params: { id } })
}
