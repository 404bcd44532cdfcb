import { describe, expect, it } from 'vitest'
import { groupsOf, hasAcceptedFactor, isComplete, readClaim, textClaim } from './claims.ts'

/** Shapes of ID tokens as the documentation of Microsoft Entra ID (v2.0) shows them. */
const entra = {
  iss: 'https://login.microsoftonline.com/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0',
  sub: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ',
  oid: '00000000-0000-0000-66f3-3332eca7ea81',
  tid: '9122040d-6c67-4c5b-b112-36a304b66dad',
  ver: '2.0',
  name: 'Abe Lincoln',
  preferred_username: 'AbeLi@microsoft.com',
  roles: ['Gatehouse.Operator'],
  groups: ['b1a7d3b0-27c5-4d12-8b5c-4f7d3a6b9f10'],
}
const entraWithTooManyGroups = {
  ...entra,
  groups: undefined,
  _claim_names: { groups: 'src1' },
  _claim_sources: {
    src1: { endpoint: 'https://graph.microsoft.com/v1.0/users/00000000-0000-0000-66f3-3332eca7ea81/getMemberObjects' },
  },
}
/** An ID token of Keycloak with the mappers "realm roles", "client roles" and "groups" added to it. */
const keycloak = {
  iss: 'https://sso.example/realms/plant',
  sub: '5f0a6a3c-2a11-4b1e-9a56-7d3d6e2f4c11',
  typ: 'ID',
  azp: 'gatehouse',
  acr: '1',
  sid: 'd3f4c8a2-8f1c-4d0e-b7a5-1b2c3d4e5f60',
  preferred_username: 'alice',
  realm_access: { roles: ['default-roles-plant', 'offline_access', 'line-3'] },
  resource_access: { gatehouse: { roles: ['operator'] }, account: { roles: ['view-profile'] } },
  groups: ['/plant/line-3', '/plant/line-3/leads'],
}

describe('groups', () => {
  it.each([
    ['Entra app roles', entra, 'roles', ['Gatehouse.Operator']],
    ['Entra group ids', entra, 'groups', ['b1a7d3b0-27c5-4d12-8b5c-4f7d3a6b9f10']],
    ['Keycloak realm roles', keycloak, 'realm_access.roles', ['default-roles-plant', 'offline_access', 'line-3']],
    ['Keycloak client roles', keycloak, 'resource_access.gatehouse.roles', ['operator']],
    ['Keycloak group paths', keycloak, 'groups', ['/plant/line-3', '/plant/line-3/leads']],
    ['a claim whose name is a URL', { 'https://x.example/roles': ['a'] }, 'https://x.example/roles', ['a']],
    ['one value as a string', { role: 'a' }, 'role', ['a']],
    ['the same value twice', { roles: ['a', 'a'] }, 'roles', ['a']],
    ['an absent claim', {}, 'roles', []],
    ['no claim configured', keycloak, null, []],
  ])('are read from %s', (_name, claims, path, groups) => {
    expect(groupsOf(claims, path)).toEqual(groups)
  })

  it.each([
    ['_claim_names refers to them', entraWithTooManyGroups, 'groups'],
    ['hasgroups is set', { hasgroups: true }, 'groups'],
    ['hasgroups is a text, as in tokens of the implicit flow', { hasgroups: 'true' }, 'groups'],
    ['a value is not a text', { roles: ['a', 7] }, 'roles'],
    ['the claim is an object', { roles: { a: true } }, 'roles'],
    ['there are too many', { roles: Array.from({ length: 2_001 }, (_, at) => `g${at}`) }, 'roles'],
    ['one is too long', { roles: ['x'.repeat(513)] }, 'roles'],
  ])('are unknown where %s', (_name, claims, path) => {
    expect(groupsOf(claims, path)).toBeNull()
  })

  it('keeps app roles known where only the list of groups is too long', () => {
    expect(groupsOf(entraWithTooManyGroups, 'roles')).toEqual(['Gatehouse.Operator'])
  })
})

it('reads own properties only', () => {
  expect(readClaim({}, 'constructor')).toBeUndefined()
  expect(readClaim({ a: {} }, 'a.__proto__')).toBeUndefined()
  expect(textClaim({ name: '' }, 'name')).toBeNull()
})

it('asks the user info endpoint only where a configured claim is missing', () => {
  const settings = { usernameClaim: 'preferred_username', rolesClaim: 'groups' }
  expect(isComplete(keycloak, settings)).toBe(true)
  expect(isComplete(entraWithTooManyGroups, settings)).toBe(true)
  expect(isComplete({ preferred_username: 'alice' }, settings)).toBe(false)
  expect(isComplete({ groups: [] }, settings)).toBe(false)
  expect(isComplete({ preferred_username: 'alice' }, { ...settings, rolesClaim: null })).toBe(true)
})

it.each([
  ['amr', { amr: ['pwd', 'mfa'] }, true],
  ['acr', { acr: 'urn:plant:gold' }, true],
  ['an amr that is not accepted', { amr: ['pwd'] }, false],
  ['an amr that is no list', { amr: 'mfa' }, false],
  ['no claim', {}, false],
])('a second factor of the provider by %s: accepted %s', (_name, claims, isAccepted) => {
  expect(hasAcceptedFactor(claims, { acceptedAmr: ['mfa'], acceptedAcr: ['urn:plant:gold'] })).toBe(isAccepted)
  expect(hasAcceptedFactor(claims, { acceptedAmr: [], acceptedAcr: [] })).toBe(false)
})
