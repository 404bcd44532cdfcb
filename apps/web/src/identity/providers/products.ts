/** The products that people have, with what is usually right for each. Only the form knows them: the server stores settings. */
import type { ProviderKind } from '@gatehouse/contract/identity/provider-names'
import { t } from '@lingui/core/macro'
import { blankProvider, blankSettings, type ProviderValues, type SettingsValues } from './provider-values.ts'

interface Product {
  kind: ProviderKind
  name: string
  /** The first words of the fields. */
  label: string
  slug: string
  settings: Partial<SettingsValues>
  /** What the fields look like there. They are shown in empty fields and not sent. */
  examples: Partial<Record<keyof SettingsValues, string>>
  /** What has to be done there before the test can pass. */
  advice: string
}

export const products = {
  'active-directory': {
    kind: 'ldap',
    name: 'Active Directory',
    label: 'Active Directory',
    slug: 'ad',
    settings: {
      usernameAttribute: 'sAMAccountName',
      userFilter: '(&(objectCategory=person)(objectClass=user))',
      displayNameAttribute: 'displayName',
      idAttribute: 'objectGUID',
      groups: 'in-chain',
    },
    examples: {
      urls: 'ldaps://dc1.corp.example.com',
      bindDn: 'CN=gatehouse,OU=Service Accounts,DC=corp,DC=example,DC=com',
      searchBase: 'DC=corp,DC=example,DC=com',
    },
    advice: t`Create an account for Gatehouse that may only read. Use the addresses of the domain controllers, as their certificates name them.`,
  },
  openldap: {
    kind: 'ldap',
    name: 'OpenLDAP',
    label: 'OpenLDAP',
    slug: 'ldap',
    settings: { userFilter: '(objectClass=inetOrgPerson)', idAttribute: 'entryUUID' },
    examples: {
      urls: 'ldaps://ldap.example.com',
      bindDn: 'cn=gatehouse,dc=example,dc=com',
      searchBase: 'ou=people,dc=example,dc=com',
      groupBase: 'ou=groups,dc=example,dc=com',
    },
    advice: t`Create an account for Gatehouse that may read people and groups, but not their passwords.`,
  },
  'other-ldap': {
    kind: 'ldap',
    name: t`Another directory (LDAP)`,
    label: '',
    slug: 'directory',
    settings: {},
    examples: {
      urls: 'ldaps://ldap.example.com',
      searchBase: 'dc=example,dc=com',
      bindDn: 'cn=reader,dc=example,dc=com',
    },
    advice: t`The test shows which entry and which groups Gatehouse finds with these settings.`,
  },
  'entra-id': {
    kind: 'oidc',
    name: 'Microsoft Entra ID',
    label: 'Microsoft',
    slug: 'entra-id',
    settings: { rolesClaim: 'roles', scopes: 'openid profile' },
    examples: {
      issuer: 'https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0',
      clientId: '00000000-0000-0000-0000-000000000000',
    },
    advice: t`Register an application for one tenant, add the redirect URI below as “Web”, and create app roles. You map their values to roles.`,
  },
  keycloak: {
    kind: 'oidc',
    name: 'Keycloak',
    label: 'Keycloak',
    slug: 'keycloak',
    settings: { rolesClaim: 'realm_access.roles', logoutAtProvider: true, mayBePrivate: true },
    examples: { issuer: 'https://keycloak.example.com/realms/plant', clientId: 'gatehouse' },
    advice: t`Create an OpenID Connect client with client authentication and the standard flow. Add the realm roles to the ID token with a mapper of the client.`,
  },
  'other-oidc': {
    kind: 'oidc',
    name: t`Another provider (OpenID Connect)`,
    label: '',
    slug: 'sso',
    settings: {},
    examples: { issuer: 'https://login.example.com', clientId: 'gatehouse' },
    advice: t`Register Gatehouse as a confidential client with the authorization code flow, and the redirect URI below.`,
  },
} as const satisfies Record<string, Product>

export type ProductName = keyof typeof products

export function productOf(name: ProductName): Product {
  return products[name]
}

/** The one that the dialog begins with. */
export const firstProduct: Record<ProviderKind, ProductName> = { ldap: 'active-directory', oidc: 'entra-id' }

export function productsOf(kind: ProviderKind): ProductName[] {
  return productNames.filter((name) => products[name].kind === kind)
}

const productNames = Object.keys(products) as ProductName[]

/** A new provider of this product. What was typed into the fields that have no usual value stays. */
export function startWith(name: ProductName, typed?: ProviderValues): ProviderValues {
  const { kind, label, slug, settings } = productOf(name)
  const before = typed ?? blankProvider(kind)
  const { urls, authorities, bindDn, searchBase, groupBase, issuer, clientId } = before.settings
  return {
    ...before,
    kind,
    label,
    name: slug,
    settings: { ...blankSettings, urls, authorities, bindDn, searchBase, groupBase, issuer, clientId, ...settings },
  }
}
