/**
 * Changes or deletes many users in one transaction, under the rules for one user. Roles and tags are added and removed, not
 * replaced, so a change by another person in between is not lost, and no version is asked for.
 */

import { holds } from '@gatehouse/contract/access/permission'
import type { userChanges } from '@gatehouse/contract/identity/user-changes'
import type { User } from '@gatehouse/contract/identity/users'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { forgetDisabling } from '../identities/store.ts'
import { judgeEach } from '../user-import/judge-each.ts'
import { applied } from '../users/change.ts'
import type { UsersContext } from '../users/context.ts'
import { prepareGivable, requireAdministrator, requireStillHeld } from '../users/limits.ts'
import { permissionsOf } from '../users/rights-store.ts'
import { appendUserChanges, eraseUser, replaceUser } from '../users/service.ts'
import { readUsers } from '../users/store.ts'
import { isWithoutEffect, updateOf } from './user-update.ts'

type Body = Parsed<typeof userChanges.apply>['body']

export async function changeUsers(
  context: UsersContext,
  { users: given, change, ...answered }: Body,
  { caller, request }: By,
): Promise<Answer<typeof userChanges.apply>> {
  const { db, clock, enforcers, vouching } = context
  const { changed, sequences } = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const users = await requireChangeable(trx, given, caller)
    const changes = 'delete' in change ? users.map((before) => ({ before, after: null })) : await judged(trx, users)
    const concerned = { users: changes.map(({ before }) => before.id) }
    const seen = await vouching.look(trx, concerned)
    let revoked = 0
    for (const { before, after } of changes) revoked += await write(trx, before, after)
    await requireAdministrator(trx)
    const settled = await vouching.settle(trx, { concerned, before: seen, answered, caller, request })
    const concernsTrust = settled.concernsTrust || revoked > 0
    return {
      changed: changes.length,
      sequences:
        changes.length === 0 ? [] : await appendUserChanges(trx, clock, { ids: concerned.users, concernsTrust }),
    }
  })
  return { changed, ...(await enforcers.waitFor(sequences)) }

  /** The users that become different, each with what it becomes. */
  async function judged(trx: Trx, users: readonly User[]): Promise<{ before: User; after: User }[]> {
    if ('delete' in change) return []
    const at = timestamp(clock)
    const decided = new Set(
      change.disabled === undefined
        ? []
        : await forgetDisabling(
            trx,
            users.map(({ id }) => id),
          ),
    )
    const changes: { before: User; after: User }[] = []
    await judgeEach(users, (before) => {
      const update = updateOf(before, change)
      // A user whom the provider had disabled has another state, although both are disabled.
      if (decided.has(before.id) || !isWithoutEffect(before, update))
        changes.push({ before, after: applied(before, update, at) })
    })
    const findNotGivable = await prepareGivable(
      trx,
      caller,
      changes.map(({ after }) => after),
    )
    await judgeEach(changes, ({ after }) => {
      const notGivable = findNotGivable(after)
      if (notGivable) throw new Problem(notGivable.code, { fields: { [notGivable.field]: notGivable.code } })
    })
    return changes
  }

  /** Returns how many certificates it revoked. */
  async function write(trx: Trx, before: User, after: User | null): Promise<number> {
    const actor = actorOf(caller, request)
    if (after === null) return eraseUser(trx, context, { user: before, actor })
    await replaceUser(trx, context, { before, after, actor })
    return 0
  }
}

/** Returns the users. Throws, naming each by index, if one is unknown, the caller's own, or may do more than the caller. */
async function requireChangeable(trx: Trx, ids: readonly string[], caller: By['caller']): Promise<User[]> {
  const users = new Map((await readUsers(trx, [...new Set(ids)])).map((user) => [user.id, user]))
  const rights = new Map<string, Awaited<ReturnType<typeof permissionsOf>>>()
  for (const id of users.keys()) rights.set(id, await permissionsOf(trx, id))
  await judgeEach(ids, (id) => {
    const code = !users.has(id)
      ? 'not_found'
      : id === caller.userId
        ? 'own_account'
        : (rights.get(id) ?? []).every((each) => holds(caller.permissions, each))
          ? null
          : 'above_caller'
    if (code) throw new Problem(code, { fields: { id: code } })
  })
  return [...users.values()]
}
