/**
 * Creates many users at once, all or none, under the rules for a single user. It works in slices, also within the
 * transaction, so that other requests run between two slices.
 */

import type { Answered } from '@gatehouse/contract/certificates/confirmations'
import type { userTransfer } from '@gatehouse/contract/identity/user-import'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { nothingSeen } from '../../access/roles/authority-limits-port.ts'
import { findRoles } from '../../access/roles/store.ts'
import { recordEvents } from '../../platform/audit/store.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { orTaken } from '../../platform/base/conflict.ts'
import { Problem } from '../../platform/base/problem.ts'
import { appendChange } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { type Actor, actorOf, type By } from '../../platform/http/request.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { hashPassword } from '../passwords/hashing.ts'
import { requireGoodPassword } from '../passwords/policy.ts'
import { createdEvent } from '../users/audit-facts.ts'
import { toGrants } from '../users/change.ts'
import { insertUsers, type NewUser } from '../users/insert-store.ts'
import { prepareGivable, requireStillHeld } from '../users/limits.ts'
import { newUser } from '../users/service.ts'
import { takenAmong } from '../users/store.ts'
import type { TransferContext } from './export.ts'
import { judgeEach } from './judge-each.ts'

type Given = Parsed<typeof userTransfer.batch>['body']['users']

export async function createUsers(
  context: TransferContext,
  { users: given, ...answered }: Parsed<typeof userTransfer.batch>['body'],
  by: By,
): Promise<Answer<typeof userTransfer.batch>> {
  const { db, reader, clock } = context
  await requireValid(reader, given)
  const hashes = await hashPasswords(given)
  const users = given.map((one, at) => newUser(one, clock, hashes[at] ?? null))
  try {
    const writing = db.transaction().execute((trx) => write(trx, context, { users, answered, by }))
    await orTaken(writing, () => new Problem('username_taken'))
  } catch (error) {
    if (error instanceof Problem && error.code === 'username_taken') await requireFreeUsernames(reader, users)
    throw error
  }
  return { users: users.map(({ id, username }) => ({ id, username })) }
}

/** The checks that need no rights of the caller. */
async function requireValid(reader: Db, given: Given): Promise<void> {
  const policies = await readPolicies(reader)
  await judgeEach(given, ({ identityProvider, grantTypes, username, password }) => {
    if (identityProvider !== 'local') {
      throw new Problem('identity_provider_unsupported', { fields: { identityProvider: 'invalid' } })
    }
    if (grantTypes) toGrants(grantTypes)
    if (password) requireGoodPassword(policies.password, { password, username, field: 'password', hasFactor: false })
  })
}

/** Leaves threads for sign-ins meanwhile. */
const hashedAtOnce = 2

async function hashPasswords(given: Given): Promise<(string | null)[]> {
  const hashes: (string | null)[] = []
  for (let at = 0; at < given.length; at += hashedAtOnce) {
    const slice = given.slice(at, at + hashedAtOnce)
    hashes.push(...(await Promise.all(slice.map(async ({ password }) => (password ? hashPassword(password) : null)))))
  }
  return hashes
}

/** Rows per slice. It takes a few milliseconds. */
const sliceSize = 20

async function write(
  trx: Trx,
  { clock, vouching }: TransferContext,
  { users, answered, by: { caller, request } }: { users: readonly NewUser[]; answered: Answered; by: By },
): Promise<void> {
  await requireStillHeld(trx, caller)
  const roles = await findRoles(trx, [...new Set(users.flatMap((user) => user.roles))])
  const findNotGivable = await prepareGivable(trx, caller, users)
  await judgeEach(users, (user) => {
    const notGivable = findNotGivable(user)
    if (notGivable) throw new Problem(notGivable.code, { fields: { [notGivable.field]: notGivable.code } })
  })
  const names = new Map(roles.map(({ id, name }) => [id, name]))
  await insertInSlices(trx, clock, { users, names, actor: actorOf(caller, request) })
  const concerned = { users: users.map(({ id }) => id) }
  await vouching.settle(trx, { concerned, before: nothingSeen, answered, caller, request })
  await appendChange(trx, clock, { kind: 'user', ids: concerned.users })
}

/** Inserts users with their events, in slices. `names`: of the roles, by id. The caller has checked all rights. */
export async function insertInSlices(
  trx: Trx,
  clock: Clock,
  { users, names, actor }: { users: readonly NewUser[]; names: ReadonlyMap<string, string>; actor: Actor },
): Promise<void> {
  const yieldIfDue = createYielder()
  for (let at = 0; at < users.length; at += sliceSize) {
    const slice = users.slice(at, at + sliceSize)
    await insertUsers(trx, slice)
    const events = slice.map((user) => createdEvent(user, actor, names))
    await recordEvents(trx, clock, events)
    await yieldIfDue()
  }
}

/** Finds the usernames that are taken, because the constraint does not say which. */
async function requireFreeUsernames(reader: Db, users: readonly NewUser[]): Promise<void> {
  const taken = await takenAmong(
    reader,
    users.map(({ username }) => username),
  )
  await judgeEach(users, ({ username }) => {
    if (taken.has(username.toLowerCase())) {
      throw new Problem('username_taken', { fields: { username: 'username_taken' } })
    }
  })
}
