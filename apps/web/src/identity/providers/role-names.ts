import { roles } from '@gatehouse/contract/access/roles'
import { useQuery } from '@tanstack/react-query'
import { roleChoicesQuery } from '../../access/roles/role-choices.ts'
import { useSession } from '../../api/session.ts'

/** The name of a role by its id. The id itself for a role that the caller may not read. */
export function useRoleNames(): (id: string) => string {
  const { can } = useSession()
  const { data } = useQuery({ ...roleChoicesQuery, enabled: can(roles.list) })
  const names = new Map(data?.items.map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? id
}
