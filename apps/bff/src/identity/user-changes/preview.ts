import type { userChanges } from '@gatehouse/contract/identity/user-changes'
import type { UserImpact } from '@gatehouse/contract/identity/users'
import type { Parsed } from '@gatehouse/contract/route'
import { Problem } from '../../platform/base/problem.ts'
import { type ImpactContext, previewImpact } from '../users/impact.ts'
import { readUsers } from '../users/store.ts'
import { isWithoutEffect, updateOf } from './user-update.ts'

/** The sum of what the change would end for each user. `connections` is null if it is not known of one. */
export async function previewChanges(
  { enforcers, ...context }: ImpactContext,
  { users: given, change }: Parsed<typeof userChanges.impact>['body'],
): Promise<UserImpact> {
  const ids = [...new Set(given)]
  const users = await readUsers(context.reader, ids)
  if (users.length < ids.length) throw new Problem('not_found')
  const asking = { ...context, enforcers: askUntilSilent(enforcers) }
  const total: UserImpact = { connections: 0, sessions: 0, tokens: 0 }
  for (const user of users) {
    const update = 'delete' in change ? change : updateOf(user, change)
    if (!('delete' in update) && isWithoutEffect(user, update)) continue
    const { connections, sessions, tokens } = await previewImpact(asking, user.id, update)
    total.connections = total.connections === null || connections === null ? null : total.connections + connections
    total.sessions += sessions
    total.tokens += tokens
  }
  return total
}

/** After one call without an answer the broker is not called again: each call may wait two seconds, and the sum is null anyway. */
function askUntilSilent(enforcers: ImpactContext['enforcers']): ImpactContext['enforcers'] {
  let isSilent = false
  return {
    impactOnUser: async (userId, facts) => {
      if (isSilent) return null
      const connections = await enforcers.impactOnUser(userId, facts)
      isSilent = connections === null
      return connections
    },
  }
}
