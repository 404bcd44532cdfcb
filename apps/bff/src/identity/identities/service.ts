import type { identities, LinkedIdentity } from '@gatehouse/contract/identity/identities'
import type { MappedRole } from '@gatehouse/contract/identity/provider-previews'
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { Problem } from '../../platform/base/problem.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { readGroups } from '../providers/mapping-changes.ts'
import { describePerson } from '../providers/probe.ts'
import { rolesFor } from '../providers/roles-for.ts'
import type { ProvidersContext } from '../providers/service.ts'
import { findProvider, listProviders, readProviderSecret } from '../providers/store.ts'
import { requireCoverOfUser, requireStillHeld } from '../users/limits.ts'
import { type NamedUser, usersById } from '../users/lookup-store.ts'
import { listMappedRoles } from '../users/mapped-roles-store.ts'
import { linkIdentity, unlinkIdentity } from './link.ts'
import { findIdentityById, findOrigin, type IdentityRow, listIdentitiesOf } from './store.ts'
import { ldapSubject, oidcSubject } from './subject.ts'

export async function listOf(reader: Db, userId: string): Promise<Answer<typeof identities.listOf>> {
  await requireUser(reader, userId)
  return { items: await listIdentitiesOf(reader, userId), mapped: await explainMapped(reader, userId) }
}

export async function listOwn(reader: Db, userId: string): Promise<Answer<typeof identities.list>> {
  const own = await listOf(reader, userId)
  const linked = new Set(own.items.map(({ provider }) => provider.id))
  const others = (await listProviders(reader)).filter(({ id, enabled }) => enabled && !linked.has(id))
  return { ...own, linkable: others.map(({ id, name, kind, label }) => ({ id, name, kind, label })) }
}

/** Which sources give the user its mapped roles, by the groups that the provider named last. */
async function explainMapped(reader: Db, userId: string): Promise<MappedRole[]> {
  const origin = await findOrigin(reader, userId)
  const provider = origin && (await findProvider(reader, origin.provider_id))
  if (!provider) return []
  const because = new Map(rolesFor(provider, readGroups(origin) ?? []).map(({ roleId, sources }) => [roleId, sources]))
  const held = await listMappedRoles(reader, userId)
  return held.map((roleId) => ({ roleId, sources: because.get(roleId) ?? [] }))
}

/** Links the caller's account in a directory, which the password there proves. */
export async function linkOwn(
  { db, reader, clock, keyring, connectors }: ProvidersContext,
  { body, caller, request }: By & { body: Parsed<typeof identities.link>['body'] },
): Promise<LinkedIdentity> {
  const { providerId, username, password } = body
  const provider = await requireEnabled(reader, providerId)
  const { prove } = connectors.ldap
  if (provider.kind !== 'ldap' || !prove) throw new Problem('unknown_provider')
  const secret = await readProviderSecret(reader, keyring, providerId)
  const account = await prove({ provider, secret, username, password, request })
  const user = { id: caller.userId, username: caller.username }
  return db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const id = await linkIdentity(trx, clock, { user, account, actor: actorOf(caller, request) })
    return readBack(trx, user.id, id)
  })
}

/** An administrator links an identity to a user whose permissions it covers. */
export async function linkOf(
  context: ProvidersContext,
  { id, body, caller, request }: By & { id: string; body: Parsed<typeof identities.linkOf>['body'] },
): Promise<LinkedIdentity> {
  const { db, reader, clock } = context
  if (caller.userId === id) throw new Problem('own_account')
  const provider = await requireEnabled(reader, body.providerId)
  const account = await accountOf(context, provider, body)
  return db.transaction().execute(async (trx) => {
    const user = await requireCovered(trx, { id, caller, request })
    const identityId = await linkIdentity(trx, clock, { user, account, actor: actorOf(caller, request) })
    return readBack(trx, id, identityId)
  })
}

async function accountOf(
  context: ProvidersContext,
  provider: IdentityProvider,
  body: Parsed<typeof identities.linkOf>['body'],
) {
  if ('username' in body) {
    const account = await describePerson(context, provider, body.username)
    if (!account) throw new Problem('person_not_found')
    return account
  }
  const { subject } = body
  return { provider, subject: subjectOf(provider, subject), isDisabled: false, username: null }
}

function subjectOf(provider: IdentityProvider, typed: string): string {
  return provider.kind === 'oidc' ? oidcSubject(provider.settings.issuer, typed) : ldapSubject(typed)
}

export async function unlinkOwn(
  { db, clock }: ProvidersContext,
  { id, caller, request }: By & { id: string },
): Promise<undefined> {
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const identity = await requireIdentity(trx, { id, userId: caller.userId })
    await unlinkIdentity(trx, clock, { identity, username: caller.username, actor: actorOf(caller, request) })
  })
}

export async function unlinkOf(
  { db, clock }: ProvidersContext,
  { id, identityId, caller, request }: By & { id: string; identityId: string },
): Promise<undefined> {
  await db.transaction().execute(async (trx) => {
    const { username } = await requireCovered(trx, { id, caller, request })
    const identity = await requireIdentity(trx, { id: identityId, userId: id })
    await unlinkIdentity(trx, clock, { identity, username, actor: actorOf(caller, request) })
  })
}

async function requireEnabled(reader: Db, providerId: string): Promise<IdentityProvider> {
  const provider = await findProvider(reader, providerId)
  if (!provider?.enabled) throw new Problem('unknown_provider')
  return provider
}

async function requireCovered(trx: Trx, { id, caller }: By & { id: string }): Promise<NamedUser> {
  await requireStillHeld(trx, caller)
  const user = await requireUser(trx, id)
  await requireCoverOfUser(trx, caller, id)
  return user
}

async function requireUser(db: Db, id: string): Promise<NamedUser> {
  const [user] = await usersById(db, [id])
  if (!user) throw new Problem('not_found')
  return user
}

async function requireIdentity(trx: Trx, { id, userId }: { id: string; userId: string }): Promise<IdentityRow> {
  const identity = await findIdentityById(trx, id)
  if (identity?.user_id !== userId) throw new Problem('not_found')
  return identity
}

async function readBack(trx: Trx, userId: string, id: string): Promise<LinkedIdentity> {
  const identity = (await listIdentitiesOf(trx, userId)).find((each) => each.id === id)
  if (!identity) throw new Error('An identity that was just linked is not there')
  return identity
}
