import { Id } from '@gatehouse/contract/base'
import { identities } from '@gatehouse/contract/identity/identities'
import { Tag } from '@gatehouse/contract/identity/tags'
import { GrantMethod, Kind, type User, users } from '@gatehouse/contract/identity/users'
import { maxExactTotal, maxPageSize } from '@gatehouse/contract/paging'
import * as z from 'zod/mini'
import { call } from '../../api/client.ts'
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
  from: parameter(z.string()),
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
export function filtersIn({ search, role, method, kind, state, factor, tag, from }: UsersSearch) {
  return {
    search,
    'role[eq]': role,
    'method[eq]': method,
    'kind[eq]': kind,
    'state[eq]': state,
    'factor[eq]': factor,
    'tag[eq]': tag,
    'identityProvider[eq]': from,
  }
}

/** All users that match, page by page. The list counts up to 10,000 of them, and offers this only then. */
export async function findAllUsers(filters: ReturnType<typeof filtersIn>): Promise<User[]> {
  const found: User[] = []
  let cursor: string | undefined
  do {
    const page = await call(users.list, { search: { ...filters, sort: 'username', limit: maxPageSize, cursor } })
    found.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined && found.length < maxExactTotal)
  return found
}

/** The identities of a user at providers, and why it has its mapped roles. */
export function identitiesOf(id: string) {
  return queryFor(identities.listOf, { params: { id } })
}

/** The user whose dialog the URL opens. */
export function userQuery(id: string) {
  return queryFor(users.view, { params: { id } })
}
