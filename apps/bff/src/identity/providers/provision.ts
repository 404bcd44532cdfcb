/**
 * Makes the user of a person who proved an identity, or brings a known user up to date: roles, state, names. It runs in the
 * transaction of a sign-in or of a slice of a sweep.
 */
import type { ErrorCode } from '@gatehouse/contract/errors'
import { type User, Username } from '@gatehouse/contract/identity/users'
import { findRoles } from '../../access/roles/store.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import { appendChange } from '../../platform/changes/store.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import { unlinkIdentity } from '../identities/link.ts'
import { findIdentity, type IdentityRow, insertIdentity, updateIdentity } from '../identities/store.ts'
import { createdEvent } from '../users/audit-facts.ts'
import type { UsersContext } from '../users/context.ts'
import { insertUsers, type NewUser } from '../users/insert-store.ts'
import { replaceUser } from '../users/service.ts'
import { findUser, takenAmong } from '../users/store.ts'
import { applyMappings } from './apply-mappings.ts'
import { boundedAccount, oneLine } from './bounded-account.ts'
import type { ProviderAccount } from './connector.ts'
import { findCurrent } from './current.ts'
import { rolesFor } from './roles-for.ts'

export interface Provisioning {
  account: ProviderAccount
  actor: Actor
  /** The person proves the identity now. False: a sweep found it. */
  isSignIn: boolean
}

/** What became of the person. The caller commits both: a refusal may have disabled a user or removed a link. */
export type Provisioned =
  | { outcome: 'admitted'; userId: string; identityId: string; isNew: boolean; sequences: number[] }
  | { outcome: 'refused'; code: ErrorCode; userId: string | null; sequences: number[] }

/**
 * Finds the user of this provider and subject, or makes it. Refuses with `username_taken_here` (never merged),
 * `username_unusable`, `account_disabled_there` or `groups_unknown`; with `unknown_provider` where the provider was disabled, and
 * `provider_unavailable` where its settings changed since it was asked. Whether the user may sign in is for the caller to judge.
 */
export async function provision(trx: Trx, context: UsersContext, given: Provisioning): Promise<Provisioned> {
  const provider = await findCurrent(trx, given.account.provider)
  if (typeof provider === 'string') return refused(provider)
  const account = boundedAccount({ ...given.account, provider })
  if (!account) return refused('username_unusable')
  const { subject } = account
  const identity = await findIdentity(trx, { providerId: provider.id, subject })
  if (!identity && !given.isSignIn) return refused('person_not_found')
  if (!identity) return admitNew(trx, context, { ...given, account })
  const user = await findUser(trx, identity.user_id)
  if (!user) throw new Error('A linked identity has no user')
  const known = { ...given, account, identity, user }
  if (account.isDisabled) {
    const sequences = await disableFromProvider(trx, context, { identity, actor: given.actor })
    return { outcome: 'refused', code: 'account_disabled_there', userId: user.id, sequences }
  }
  await noteSeen(trx, context, known)
  const sequences = identity.is_origin === 1 ? await followProvider(trx, context, known) : []
  return { outcome: 'admitted', userId: user.id, identityId: identity.id, isNew: false, sequences }
}

/**
 * The provider disabled the person or does not know it any more. Disables a user who comes from there, and removes the link of
 * any other user. Returns the sequences of the changes.
 */
export async function disableFromProvider(
  trx: Trx,
  context: UsersContext,
  { identity, actor }: { identity: IdentityRow; actor: Actor },
): Promise<number[]> {
  const before = await findUser(trx, identity.user_id)
  if (!before) return []
  if (identity.is_origin !== 1) {
    await unlinkIdentity(trx, context.clock, { identity, username: before.username, actor })
    return []
  }
  if (before.disabledAt !== null) return []
  const disabledAt = timestamp(context.clock)
  const after = { ...before, disabledAt, version: before.version + 1 }
  await replaceUser(trx, context, { before, after, actor, action: 'user.disabled-by-provider' })
  await updateIdentity(trx, identity.id, { disabled_at: disabledAt })
  return [await appendChange(trx, context.clock, { kind: 'user', ids: [before.id] })]
}

function refused(code: ErrorCode): Provisioned {
  return { outcome: 'refused', code, userId: null, sequences: [] }
}

interface Known extends Provisioning {
  identity: IdentityRow
  user: User
}

async function noteSeen(trx: Trx, { clock }: UsersContext, { account, identity, isSignIn }: Known): Promise<void> {
  const at = timestamp(clock)
  await updateIdentity(trx, identity.id, {
    label: oneLine(account.username),
    last_seen_at: at,
    ...(account.groups && identity.is_origin === 1 && { source_groups: JSON.stringify(account.groups) }),
    ...(isSignIn && { last_provider_sign_in_at: at }),
  })
}

/** The user comes from the provider: its state, name and roles follow. */
async function followProvider(trx: Trx, context: UsersContext, known: Known): Promise<number[]> {
  const { account, identity, user, actor } = known
  const { clock } = context
  const sequences: number[] = []
  // Enabled again only where the provider had disabled the user, not a person here.
  const isEnabledAgain = identity.disabled_at !== null && user.disabledAt === identity.disabled_at
  const displayName = account.displayName ?? user.displayName
  if (isEnabledAgain || displayName !== user.displayName) {
    const disabledAt = isEnabledAgain ? null : user.disabledAt
    const after = { ...user, displayName, disabledAt, version: user.version + 1 }
    const action = isEnabledAgain ? 'user.enabled-by-provider' : 'user.updated'
    await replaceUser(trx, context, { before: user, after, actor, action })
    if (isEnabledAgain) await updateIdentity(trx, identity.id, { disabled_at: null })
    sequences.push(await appendChange(trx, clock, { kind: 'user', ids: [user.id] }))
  }
  return [...sequences, ...(await applyMappings(trx, context, { account, user, actor }))]
}

async function admitNew(trx: Trx, context: UsersContext, given: Provisioning): Promise<Provisioned> {
  const { account, actor, isSignIn } = given
  const { clock } = context
  const code = await refusalOfNew(trx, account)
  if (code || !account.groups)
    return { outcome: 'refused', code: code ?? 'groups_unknown', userId: null, sequences: [] }
  const { provider, subject, groups } = account
  const user = newUser(account, groups, { id: newId(clock.now()), createdAt: timestamp(clock) })
  const identityId = newId(clock.now())
  await insertUsers(trx, [user])
  await insertIdentity(trx, {
    id: identityId,
    user_id: user.id,
    provider_id: provider.id,
    subject,
    label: account.username,
    is_origin: 1,
    source_groups: JSON.stringify(groups),
    disabled_at: null,
    linked_at: user.createdAt,
    last_seen_at: user.createdAt,
    last_provider_sign_in_at: isSignIn ? user.createdAt : null,
  })
  const names = new Map((await findRoles(trx, user.roles)).map(({ id, name }) => [id, name]))
  const event = createdEvent(user, actor, names)
  const after = { ...event.after, identityProvider: user.identityProvider }
  await recordEvent(trx, clock, { ...event, action: 'user.provisioned', after })
  const sequences = [await appendChange(trx, clock, { kind: 'user', ids: [user.id] })]
  return { outcome: 'admitted', userId: user.id, identityId, isNew: true, sequences }
}

async function refusalOfNew(trx: Trx, account: ProviderAccount): Promise<ErrorCode | null> {
  const { provider, isDisabled, groups, username } = account
  if (isDisabled) return 'account_disabled_there'
  if (!Username.safeParse(username).success) return 'username_unusable'
  // Writers take turns, so nobody takes the name before the insert.
  if ((await takenAmong(trx, [username])).size > 0) return 'username_taken_here'
  if (groups === null) return 'groups_unknown'
  return provider.roleRequired && rolesFor(provider, groups).length === 0 ? 'no_mapped_role' : null
}

function newUser(
  { provider, username, displayName }: ProviderAccount,
  groups: readonly string[],
  made: Pick<NewUser, 'id' | 'createdAt'>,
): NewUser {
  const roles = rolesFor(provider, groups).map(({ roleId }) => roleId)
  return {
    ...made,
    username,
    displayName,
    kind: 'person',
    identityProvider: `${provider.kind}:${provider.name}`,
    grantTypes: [{ method: 'password', isRequired: false }],
    roles,
    mappedRoles: roles,
    permissions: [],
    mqttPublishPrefix: null,
    tags: [],
    passwordHash: null,
    mustChangePassword: false,
    mfaRequired: provider.mfaForNew,
    disabledAt: null,
    version: 1,
  }
}
