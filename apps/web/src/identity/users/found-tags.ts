import { users } from '@gatehouse/contract/identity/users'
import { queryFor } from '../../api/queries.ts'

/** The tags in use that begin with this text. */
export function foundTagsQuery(beginning = '') {
  return queryFor(users.tags, { search: { 'tag[begins]': beginning || undefined } })
}
