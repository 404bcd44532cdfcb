import type { LdapProvider, OidcProvider } from '@gatehouse/contract/identity/providers'
import { IdentityProviderCreate } from '@gatehouse/contract/identity/providers'
import { expect, it } from 'vitest'
import { productsOf, startWith } from './products.ts'
import { type ProviderValues, toCreate, toUpdate, toValues } from './provider-values.ts'

const common = {
  id: '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b90',
  enabled: true,
  keepsCertificates: false,
  mfaForNew: false,
  roleRequired: false,
  position: 0,
  passwordUrl: null,
  mappings: [],
  hasSecret: true,
  createdAt: '2026-11-01T10:00:00.000Z',
  version: 1,
}

const directory: LdapProvider = {
  ...common,
  kind: 'ldap',
  name: 'corp',
  label: 'Corp',
  settings: {
    urls: ['ldaps://dc1.corp.example', 'ldaps://dc2.corp.example'],
    tls: 'ldaps',
    authorities: null,
    bind: 'service',
    bindDn: 'cn=reader,dc=corp',
    userRdn: null,
    searchBase: 'dc=corp',
    usernameAttribute: 'uid',
    userFilter: null,
    displayNameAttribute: 'cn',
    idAttribute: 'auto',
    groups: 'search',
    groupBase: 'ou=groups,dc=corp',
    groupFilter: null,
    memberAttribute: 'member',
    rolesAttribute: null,
    nestedGroups: true,
    disabledFilter: null,
    connectTimeoutMs: 2_500,
    responseTimeoutMs: 10_000,
    mqttPasswords: false,
    sweepEveryMinutes: 60,
    lastSignInDays: 30,
  },
}

it('sends the settings of a directory as they were stored, and keeps the stored password', () => {
  expect(toUpdate(toValues(directory))).toEqual({
    kind: 'ldap',
    label: 'Corp',
    enabled: true,
    keepsCertificates: false,
    mfaForNew: false,
    roleRequired: false,
    position: 0,
    passwordUrl: null,
    settings: directory.settings,
  })
})

it('sends the settings of an OpenID provider as they were stored', () => {
  const settings: OidcProvider['settings'] = {
    issuer: 'https://login.example/realms/plant',
    clientId: 'gatehouse',
    scopes: ['openid', 'profile'],
    authorities: null,
    usernameClaim: 'preferred_username',
    displayNameClaim: null,
    rolesClaim: 'realm_access.roles',
    acceptedAmr: ['mfa', 'otp'],
    acceptedAcr: [],
    logoutAtProvider: true,
    mayBePrivate: false,
    lastSignInDays: 14,
  }
  expect(toUpdate(toValues({ ...common, kind: 'oidc', name: 'kc', label: 'K', settings }))).toMatchObject({ settings })
})

it('empties what the chosen way of binding and of finding groups does not use', () => {
  const values = toValues(directory)
  const changed = { ...values, settings: { ...values.settings, bind: 'direct', groups: 'memberOf' } } as ProviderValues
  expect(toUpdate(changed)).toMatchObject({ settings: { bindDn: null, userRdn: 'uid', groupBase: null } })
})

it.each([...productsOf('ldap'), ...productsOf('oidc')])(
  'the starting values of %s are accepted once the empty fields are filled in',
  (product) => {
    const values = startWith(product)
    const filled = {
      ...values,
      name: 'x',
      label: 'X',
      secret: 's',
      settings: {
        ...values.settings,
        urls: 'ldaps://ldap.example',
        bindDn: 'cn=x',
        searchBase: 'dc=x',
        issuer: 'https://x.example',
        clientId: 'x',
      },
    }
    expect(IdentityProviderCreate.safeParse(toCreate(filled)).error?.issues).toBeUndefined()
  },
)

it('keeps address, account and issuer when another product is chosen', () => {
  const typed = startWith('active-directory')
  const settings = { ...typed.settings, urls: 'ldaps://a.example', bindDn: 'cn=a', userFilter: '(x=y)' }
  expect(startWith('openldap', { ...typed, settings }).settings).toMatchObject({
    urls: 'ldaps://a.example',
    bindDn: 'cn=a',
    userFilter: '(objectClass=inetOrgPerson)',
  })
})
