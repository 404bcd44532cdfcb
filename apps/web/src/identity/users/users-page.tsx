/** People and devices together, for links about all users, such as the holders of a role. */
import { getRouteApi } from '@tanstack/react-router'
import { loadList, UserList } from './user-list.tsx'

export const load = loadList

const page = getRouteApi('/users')

export function UsersPage() {
  return <UserList search={page.useSearch()} kind={null} />
}
