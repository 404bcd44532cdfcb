import type { userChanges } from '@gatehouse/contract/identity/user-changes'
import type { UserImpact } from '@gatehouse/contract/identity/users'
import type { Parsed } from '@gatehouse/contract/route'
import { Problem } from '../../platform/base/problem.ts'
import type { ForeseenUser } from '../users/context.ts'
import { foresee, type ImpactContext } from '../users/impact.ts'
import { readUsers } from '../users/store.ts'
import { isWithoutEffect, updateOf } from './user-update.ts'

/** The sum of what the change would end for each user. */
export async function previewChanges(
  context: ImpactContext,
  { users: given, change }: Parsed<typeof userChanges.impact>['body'],
): Promise<UserImpact> {
  const ids = [...new Set(given)]
  const users = await readUsers(context.reader, ids)
  if (users.length < ids.length) throw new Problem('not_found')
  const all: ForeseenUser[] = []
  const total = { sessions: 0, tokens: 0 }
  for (const user of users) {
    const update = 'delete' in change ? change : updateOf(user, change)
    if (!('delete' in update) && isWithoutEffect(user, update)) continue
    const { foreseen, sessions, tokens } = await foresee(context, user.id, update)
    all.push(foreseen)
    total.sessions += sessions
    total.tokens += tokens
  }
  return { ...(await context.enforcers.impactOnUsers(all)), ...total }
}
