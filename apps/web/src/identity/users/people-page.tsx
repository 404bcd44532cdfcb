/** The people who can sign in to the console. */
import { getRouteApi } from '@tanstack/react-router'
import type { Loading } from '../../api/session.ts'
import type { UsersSearch } from './search.ts'
import { loadList, UserList } from './user-list.tsx'

export function load({ deps, ...rest }: Loading<UsersSearch>): Promise<void> {
  return loadList({ ...rest, deps: { ...deps, kind: 'person' } })
}

const page = getRouteApi('/people')

export function PeoplePage() {
  return <UserList search={page.useSearch()} kind="person" />
}
