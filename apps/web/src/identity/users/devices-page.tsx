/** The devices that connect to the broker. */
import { getRouteApi } from '@tanstack/react-router'
import type { Loading } from '../../api/session.ts'
import type { UsersSearch } from './search.ts'
import { loadList, UserList } from './user-list.tsx'

export function load({ deps, ...rest }: Loading<UsersSearch>): Promise<void> {
  return loadList({ ...rest, deps: { ...deps, kind: 'machine' } })
}

const page = getRouteApi('/devices')

export function DevicesPage() {
  return <UserList search={page.useSearch()} kind="machine" />
}
