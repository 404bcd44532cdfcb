/** Tests a provider, and previews what its mappings give. Neither changes anything here. */

import { type MappingPreview, maxPreviewed, type PersonPreview } from '@gatehouse/contract/identity/provider-previews'
import type { ProviderTestStep } from '@gatehouse/contract/identity/provider-test'
import type { IdentityProvider, identityProviders } from '@gatehouse/contract/identity/providers'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import type { By } from '../../platform/http/request.ts'
import { findIdentity, findIdentityOfUser } from '../identities/store.ts'
import { usersById, usersNamed } from '../users/lookup-store.ts'
import type { ProviderAccount, TestPerson } from './connector.ts'
import { changedProvider, newProvider, requireGood, type Update } from './draft.ts'
import { changesByMappings, type MappingChange, readGroups } from './mapping-changes.ts'
import { requireMappableRoles } from './mapping-limits.ts'
import { rolesFor } from './roles-for.ts'
import { type ProvidersContext, requireProvider } from './service.ts'
import { readProviderSecret } from './store.ts'

type AskedPerson = Pick<TestNew, 'username' | 'password'> & Pick<By, 'request'>
type TestNew = Parsed<typeof identityProviders.testNew>['body']

export async function testNewProvider(
  context: ProvidersContext,
  { provider: given, ...asked }: TestNew & AskedPerson,
): Promise<{ steps: ProviderTestStep[] }> {
  const provider = newProvider(given, context.clock)
  await requireGood(provider, context.connectors)
  return { steps: await testOf(context, { provider, secret: given.secret, person: personOf(asked) }) }
}

export async function testProvider(
  context: ProvidersContext,
  { id, changes, ...asked }: AskedPerson & { id: string; changes?: Update | undefined },
): Promise<{ steps: ProviderTestStep[] }> {
  const { reader, keyring, connectors } = context
  const stored = await requireProvider(reader, id)
  // Throws where the stored secret would go elsewhere.
  const provider = changes ? changedProvider(stored, changes) : stored
  await requireGood(provider, connectors)
  const secret = changes?.secret === undefined ? await readProviderSecret(reader, keyring, id) : changes.secret
  return { steps: await testOf(context, { provider, secret, person: personOf(asked) }) }
}

function personOf({ username, password, request }: AskedPerson): TestPerson | null {
  return username === undefined ? null : { username, password: password ?? null, source: request }
}

interface Asked {
  provider: IdentityProvider
  secret: string | null
  person: TestPerson | null
}

function testOf({ connectors }: ProvidersContext, { provider, secret, person }: Asked): Promise<ProviderTestStep[]> {
  return provider.kind === 'ldap'
    ? connectors.ldap.test(provider, secret, person)
    : connectors.oidc.test(provider, secret, person)
}

/** What the provider says of a person now. Null: it does not know the person, or cannot be asked. */
export async function describePerson(
  { reader, keyring, connectors }: Pick<ProvidersContext, 'reader' | 'keyring' | 'connectors'>,
  provider: IdentityProvider,
  username: string,
): Promise<ProviderAccount | null> {
  const secret = await readProviderSecret(reader, keyring, provider.id)
  return provider.kind === 'ldap'
    ? connectors.ldap.describe(provider, secret, username)
    : connectors.oidc.describe(provider, secret, username)
}

type Preview = Answer<typeof identityProviders.preview>

export async function previewMappings(
  context: ProvidersContext,
  { id, mappings, username }: Parsed<typeof identityProviders.preview>['body'] & { id: string },
): Promise<Preview> {
  const { reader } = context
  const stored = await requireProvider(reader, id)
  const provider = mappings ? { ...stored, mappings } : stored
  await requireMappableRoles(reader, provider)
  if (username !== undefined) return { person: await previewPerson(context, provider, username), users: null }
  return { person: null, users: await previewUsers(context, provider) }
}

async function previewPerson(
  context: ProvidersContext,
  provider: IdentityProvider,
  username: string,
): Promise<PersonPreview | null> {
  const { reader } = context
  const account = await describePerson(context, provider, username)
  if (!account) return previewKnown(context, provider, username)
  const { groups, displayName, isDisabled, subject } = account
  const identity = await findIdentity(reader, { providerId: provider.id, subject })
  return {
    username: account.username,
    displayName,
    isDisabled,
    groups: groups && [...groups],
    roles: groups ? rolesFor(provider, groups) : [],
    userId: identity?.user_id ?? null,
  }
}

/** By what the provider said last of a user who comes from it. */
async function previewKnown(
  { reader }: ProvidersContext,
  provider: IdentityProvider,
  username: string,
): Promise<PersonPreview | null> {
  const [user] = await usersNamed(reader, [username])
  const identity = user && (await findIdentityOfUser(reader, { userId: user.id, providerId: provider.id }))
  if (!user || !identity) return null
  const groups = readGroups(identity)
  return {
    username: user.username,
    displayName: null,
    isDisabled: identity.disabled_at !== null,
    groups,
    roles: groups ? rolesFor(provider, groups) : [],
    userId: user.id,
  }
}

async function previewUsers({ reader }: ProvidersContext, provider: IdentityProvider): Promise<MappingPreview> {
  const first: MappingChange[] = []
  const counts = { users: 0, gaining: 0, losing: 0 }
  for await (const slice of changesByMappings(reader, provider)) {
    counts.users += slice.length
    const changed = slice.filter(({ gains, loses }) => gains.length + loses.length > 0)
    counts.gaining += changed.filter(({ gains }) => gains.length > 0).length
    counts.losing += changed.filter(({ loses }) => loses.length > 0).length
    first.push(...changed.slice(0, maxPreviewed - first.length))
  }
  const ids = first.map(({ userId }) => userId)
  const names = new Map(
    ids.length === 0 ? [] : (await usersById(reader, ids)).map(({ id, username }) => [id, username]),
  )
  return {
    ...counts,
    first: first.map(({ userId, gains, loses }) => ({ userId, gains, loses, username: names.get(userId) ?? '' })),
  }
}
