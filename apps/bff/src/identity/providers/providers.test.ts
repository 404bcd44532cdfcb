// @postgres
/** Identity providers over HTTP: who writes them, the secret, and the bounds of mappings. */
import { roles } from '@gatehouse/contract/access/roles'
import { type IdentityProviderCreate, identityProviders } from '@gatehouse/contract/identity/providers'
import { session } from '@gatehouse/contract/identity/sign-in'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Browser, refused, startApp, type TestApp } from '../../../test/app.ts'
import { openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
let admin: Browser['call']
beforeAll(async () => {
  app = await startApp()
  admin = await app.as('admin')
})
afterAll(() => app.stop())

const directory = (more: Record<string, unknown> = {}, settings: Record<string, unknown> = {}) =>
  ({
    kind: 'ldap',
    name: 'plant',
    label: 'Plant directory',
    secret: 'the bind password',
    settings: {
      urls: ['ldaps://directory.plant.example'],
      bindDn: 'cn=gatehouse,dc=plant',
      searchBase: 'dc=plant',
      ...settings,
    },
    ...more,
  }) as IdentityProviderCreate

async function roleNamed(name: string): Promise<string> {
  const { items } = await admin(roles.list, { search: { 'name[eq]': name } })
  return items[0]?.id ?? ''
}

it('stores a provider with its mappings, never answers with the secret, and records every write', async () => {
  const { id: roleId } = await admin(roles.create, {
    body: { name: 'line-3', permissions: [{ context: 'mqtt', resource: 'line-3/#', operation: 'read' }] },
  })
  const mappings = [{ source: 'cn=Line 3,dc=plant', roleId }]
  const made = await admin(identityProviders.create, { body: directory({ mappings }) })
  expect(made).toMatchObject({ kind: 'ldap', name: 'plant', hasSecret: true, mappings, enabled: true, version: 1 })
  expect(JSON.stringify(made)).not.toContain('the bind password')
  const { id } = made
  const changed = await admin(identityProviders.update, {
    params: { id },
    body: { kind: 'ldap', enabled: false, settings: { userFilter: '(objectClass=person)' } },
  })
  expect(changed).toMatchObject({ enabled: false, hasSecret: true, mappings, version: 2 })
  expect(changed.settings).toMatchObject({ userFilter: '(objectClass=person)', searchBase: 'dc=plant' })
  expect(await admin(identityProviders.view, { params: { id } })).toEqual(changed)
  await refused(admin(identityProviders.create, { body: directory() }), 'name_taken')
  expect(await admin(identityProviders.remove, { params: { id } })).toBeUndefined()
  await refused(admin(identityProviders.view, { params: { id } }), 'not_found')
  const { items } = await admin(audit.list, { search: { 'targetType[eq]': 'identity-provider' } })
  expect(items.map(({ action }) => action)).toEqual([
    'identity-provider.deleted',
    'identity-provider.updated',
    'identity-provider.created',
  ])
  expect(JSON.stringify(items)).not.toContain('the bind password')
  expect(items.at(-1)?.after).toMatchObject({ mappings: ['cn=Line 3,dc=plant: line-3'] })
})

it('keeps the secret encrypted', async () => {
  const { id } = await admin(identityProviders.create, { body: directory({ name: 'boxed' }) })
  const door = openBackDoor(app)
  expect(await door.everything()).not.toContain('the bind password')
  await door.close()
  await admin(identityProviders.remove, { params: { id } })
})

it.each([
  ['a plain connection to another machine', {}, { tls: 'none', urls: ['ldap://10.0.0.1'] }, 'settings.tls'],
  ['an address whose scheme is not the TLS mode', {}, { tls: 'starttls' }, 'settings.urls.0'],
  ['a service bind without a DN', {}, { bindDn: null }, 'settings.bindDn'],
  ['a service bind without a password', { secret: null }, {}, 'secret'],
  ['a direct bind without an RDN', {}, { bind: 'direct' }, 'settings.userRdn'],
  ['groups from an attribute without a name', {}, { groups: 'attribute' }, 'settings.rolesAttribute'],
])('rejects %s', async (_says, more, settings, field) => {
  const problem = await refused(
    admin(identityProviders.create, { body: directory(more, settings) }),
    'provider_refused',
  )
  expect(Object.keys(problem.fields ?? {})).toContain(field)
})

it('asks for the secret again where the address, the TLS mode or the CA changes, in a test of the connection too', async () => {
  const { id } = await admin(identityProviders.create, { body: directory({ name: 'moved' }) })
  const elsewhere = [
    { urls: ['ldaps://directory.attacker.example'] },
    { tls: 'starttls' as const, urls: ['ldap://directory.plant.example'] },
    { authorities: '-----BEGIN CERTIFICATE-----' },
  ]
  for (const settings of elsewhere) {
    const changes = { kind: 'ldap' as const, settings }
    const problem = await refused(
      admin(identityProviders.update, { params: { id }, body: changes }),
      'provider_refused',
    )
    expect(problem.fields).toEqual({ secret: 'required' })
    await refused(admin(identityProviders.test, { params: { id }, body: { changes } }), 'provider_refused')
  }
  const body = { kind: 'ldap' as const, secret: 'another', settings: { urls: ['ldaps://directory2.plant.example'] } }
  expect(await admin(identityProviders.update, { params: { id }, body })).toMatchObject({ version: 2 })
  await admin(identityProviders.remove, { params: { id } })
})

it('rejects a kind that the provider does not have, an unknown role, and the same mapping twice', async () => {
  const roleId = await roleNamed('gatehouse-viewer')
  const twice = [
    { source: 'CN=Staff,DC=plant', roleId },
    { source: 'cn=staff, dc=plant', roleId },
  ]
  const problem = await refused(
    admin(identityProviders.create, { body: directory({ mappings: twice }) }),
    'provider_refused',
  )
  expect(problem.fields).toEqual({ 'mappings.1.source': 'duplicate' })
  const unknown = [{ source: 'cn=staff', roleId: '019d2a3b-1c55-7e0a-8f43-2b9d6c7a1e05' }]
  await refused(admin(identityProviders.create, { body: directory({ mappings: unknown }) }), 'unknown_role')
  const { id } = await admin(identityProviders.create, { body: directory({ name: 'kinds' }) })
  await refused(admin(identityProviders.update, { params: { id }, body: { kind: 'oidc' } }), 'provider_refused')
  await admin(identityProviders.remove, { params: { id } })
})

it('names only OpenID providers that are enabled on the sign-in page', async () => {
  const place = { issuer: 'https://login.plant.example', clientId: 'gatehouse' }
  const made = [
    directory({ name: 'silent' }),
    { kind: 'oidc', name: 'second', label: 'Second', position: 2, settings: place },
    { kind: 'oidc', name: 'first', label: 'First', position: 1, settings: place },
    { kind: 'oidc', name: 'off', label: 'Off', enabled: false, settings: place },
  ] as const
  for (const body of made) await admin(identityProviders.create, { body })
  expect(await app.browser().call(session.providers, {})).toEqual({
    providers: [
      { name: 'first', kind: 'oidc', label: 'First' },
      { name: 'second', kind: 'oidc', label: 'Second' },
    ],
    passwordSignIn: true,
  })
  const { items } = await admin(identityProviders.list, {})
  for (const { id } of items) await admin(identityProviders.remove, { params: { id } })
})
