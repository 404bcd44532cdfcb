import type { Answered } from '@gatehouse/contract/certificates/confirmations'
import type { User, UserUpdate, users } from '@gatehouse/contract/identity/users'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { nothingSeen } from '../../access/roles/authority-limits-port.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { orTaken, requireVersion } from '../../platform/base/conflict.ts'
import { newId } from '../../platform/base/id.ts'
import { Problem } from '../../platform/base/problem.ts'
import { type Enforcement, nothingEnded } from '../../platform/changes/enforcers.ts'
import { appendChange, appendChanges, trustChange } from '../../platform/changes/store.ts'
import type { Trx } from '../../platform/db/open.ts'
import { type Actor, actorOf, type By } from '../../platform/http/request.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { forgetDisabling } from '../identities/store.ts'
import { hashPassword } from '../passwords/hashing.ts'
import { requireGoodPassword } from '../passwords/policy.ts'
import { hasGrant, maySignIn } from '../sign-in/may-sign-in.ts'
import { auditFactsOf } from './audit-facts.ts'
import { applied, requireAllowedOnSelf, toGrants, tokensEndedBy } from './change.ts'
import type { UsersContext } from './context.ts'
import { insertUsers, type NewUser } from './insert-store.ts'
import { requireAdministrator, requireCoverOfUser, requireGivable, requireStillHeld } from './limits.ts'
import { deleteUser, findUser, updateUser } from './store.ts'

export async function createUser(
  context: UsersContext,
  body: Parsed<typeof users.create>['body'],
  { caller, request }: By,
): Promise<Answer<typeof users.create>> {
  const { db, reader, clock, vouching } = context
  if (body.identityProvider !== 'local') throw new Problem('identity_provider_unsupported')
  const { password, username } = body
  if (password) {
    const policies = await readPolicies(reader)
    requireGoodPassword(policies.password, { password, username, field: 'password', hasFactor: false })
  }
  const credential = password ? await hashPassword(password) : null
  const user = newUser(body, clock, credential)
  const made = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    await requireGivable(trx, caller, user)
    await orTaken(insertUsers(trx, [user]), usernameTaken)
    await vouching.settle(trx, {
      concerned: { users: [user.id] },
      before: nothingSeen,
      answered: body,
      caller,
      request,
    })
    await appendChange(trx, clock, { kind: 'user', ids: [user.id] })
    return finish(trx, clock, { id: user.id, action: 'user.created', actor: actorOf(caller, request) })
  })
  if (password && credential) context.passwordKnown({ userId: user.id, username, credential, password })
  return { ...made, ...nothingEnded, warnings: [] }
}

export async function updateUserBy(
  context: UsersContext,
  { id, changes, caller, request }: By & { id: string; changes: UserUpdate & Answered },
): Promise<Answer<typeof users.update>> {
  const { db, clock, enforcers, vouching } = context
  const concerned = { users: [id] }
  const { sequences, user } = await db.transaction().execute(async (trx) => {
    const before = await requireChangeable(trx, id, { caller, request })
    const after = applied(before, changes, timestamp(clock))
    if (caller.userId === id) requireAllowedOnSelf(before, after)
    await requireGivable(trx, caller, after)
    const seen = await vouching.look(trx, concerned)
    const actor = actorOf(caller, request)
    const made = await replaceUser(trx, context, { before, after, actor, endTokens: changes.endTokens })
    if (changes.disabled !== undefined) await forgetDisabling(trx, [id])
    await requireAdministrator(trx)
    const settled = await vouching.settle(trx, { concerned, before: seen, answered: changes, caller, request })
    return {
      user: made,
      sequences: await appendUserChanges(trx, clock, { ids: [id], concernsTrust: settled.concernsTrust }),
    }
  })
  const ended = await enforcers.waitFor(sequences)
  return { ...user, ...ended, warnings: ended.disconnected === null ? ['broker_unconfirmed'] : [] }
}

interface Replaced {
  before: User
  after: User
  actor: Actor
  endTokens?: boolean | undefined
  /** Of the event. Left out: by what has changed. */
  action?: Finished['action']
}

/** Writes a changed user, ends what no longer works, and records the event. The caller has checked all rights. */
export async function replaceUser(
  trx: Trx,
  context: UsersContext,
  { before, after, actor, endTokens, action = actionFor(before, after) }: Replaced,
): Promise<User> {
  const { clock } = context
  await updateUser(trx, after, timestamp(clock))
  const endedTokens = await endSessionsAndTokens(trx, context, { before, after, endTokens })
  return finish(trx, clock, { id: after.id, before, action, actor, endedTokens })
}

/** Deletes a user with its certificates, and records the event. Returns how many certificates were revoked. */
export async function eraseUser(
  trx: Trx,
  { clock, endCertificates, rememberDeleted }: Pick<UsersContext, 'clock' | 'endCertificates' | 'rememberDeleted'>,
  { user, actor }: { user: User; actor: Actor },
): Promise<number> {
  const revoked = await endCertificates(trx, { userId: user.id, actor })
  await deleteUser(trx, user.id)
  await rememberDeleted(trx, { username: user.username, actor })
  const target = auditTarget.user(user)
  await recordEvent(trx, clock, { action: 'user.deleted', actor, target, before: auditFactsOf(user) })
  return revoked
}

export async function removeUser(
  context: UsersContext,
  { id, answered, caller, request }: By & { id: string; answered: Answered },
): Promise<Enforcement> {
  const { db, clock, enforcers, vouching } = context
  const concerned = { users: [id] }
  const sequences = await db.transaction().execute(async (trx) => {
    const user = await requireChangeable(trx, id, { caller, request })
    if (caller.userId === id) throw new Problem('own_account')
    const before = await vouching.look(trx, concerned)
    const revoked = await eraseUser(trx, context, { user, actor: actorOf(caller, request) })
    await requireAdministrator(trx)
    const settled = await vouching.settle(trx, { concerned, before, answered, caller, request })
    // The username may be used again, so the broker must know the revoked certificates before that.
    return appendUserChanges(trx, clock, { ids: [id], concernsTrust: settled.concernsTrust || revoked > 0 })
  })
  return enforcers.waitFor(sequences)
}

export function appendUserChanges(
  trx: Trx,
  clock: Clock,
  { ids, concernsTrust }: { ids: string[]; concernsTrust: boolean },
): Promise<number[]> {
  return appendChanges(trx, clock, [{ kind: 'user', ids }, ...(concernsTrust ? [trustChange] : [])])
}

/** Ends the sessions and tokens that no longer work, so that a later change cannot revive them. Returns how many tokens. */
async function endSessionsAndTokens(
  trx: Trx,
  { endSessions, endTokensOfPassword }: UsersContext,
  { before, after, endTokens }: { before: User; after: User; endTokens: boolean | undefined },
): Promise<number> {
  if (maySignIn(before) && !maySignIn(after)) await endSessions(trx, after.id)
  const ending = tokensEndedBy({ before, after }, endTokens)
  return ending === 'none' ? 0 : endTokensOfPassword(trx, { userId: after.id, consoleToo: ending === 'all' })
}

/** Returns the user if the caller has seen this version and covers the user's rights. */
export async function requireChangeable(trx: Trx, id: string, { caller, request }: By): Promise<User> {
  await requireStillHeld(trx, caller)
  const user = await findUser(trx, id)
  if (!user) throw new Problem('not_found')
  requireVersion(request.ifMatch, user.version)
  await requireCoverOfUser(trx, caller, id)
  return user
}

interface Finished {
  id: string
  action:
    | 'user.created'
    | 'user.updated'
    | 'user.disabled'
    | 'user.enabled'
    | 'user.disabled-by-provider'
    | 'user.enabled-by-provider'
  actor: Actor
  before?: User
  endedTokens?: number
}

/** Reads the user back and records the event in the same transaction. */
async function finish(trx: Trx, clock: Clock, { id, action, actor, before, endedTokens = 0 }: Finished): Promise<User> {
  const after = await findUser(trx, id)
  if (!after) throw new Error('A user that was just written is not there')
  await recordEvent(trx, clock, {
    action,
    actor,
    target: auditTarget.user(after),
    ...(before && { before: auditFactsOf(before) }),
    after: { ...auditFactsOf(after), ...(endedTokens > 0 && { endedTokens }) },
  })
  return after
}

function actionFor(before: User, after: User): Finished['action'] {
  if (before.disabledAt === null && after.disabledAt !== null) return 'user.disabled'
  if (before.disabledAt !== null && after.disabledAt === null) return 'user.enabled'
  return 'user.updated'
}

export function newUser(body: Parsed<typeof users.create>['body'], clock: Clock, passwordHash: string | null): NewUser {
  const grantTypes = body.grantTypes ? toGrants(body.grantTypes) : defaultGrants(passwordHash)
  const kind = body.kind ?? (hasGrant(grantTypes, 'password') ? 'person' : 'machine')
  return {
    id: newId(clock.now()),
    username: body.username,
    displayName: body.displayName ?? null,
    kind,
    identityProvider: 'local',
    grantTypes,
    roles: [...new Set(body.roles)],
    permissions: body.permissions,
    mqttPublishPrefix: body.mqttPublishPrefix ?? null,
    tags: body.tags,
    passwordHash,
    // A person must replace a password that another person chose (ASVS 6.4.1). A machine cannot.
    mustChangePassword: passwordHash !== null && (body.mustChangePassword ?? kind === 'person'),
    mfaRequired: body.mfaRequired,
    disabledAt: null,
    createdAt: timestamp(clock),
    version: 1,
  }
}

function defaultGrants(passwordHash: string | null): User['grantTypes'] {
  return passwordHash === null ? [] : [{ method: 'password', isRequired: false }]
}

function usernameTaken(): Problem {
  return new Problem('username_taken', { fields: { username: 'username_taken' } })
}
