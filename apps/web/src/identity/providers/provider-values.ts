/** An identity provider as its form holds it. The names are those of the API, so that its field errors find their fields. */

import type { ProviderKind } from '@gatehouse/contract/identity/provider-names'
import type { LdapSettings, OidcSettings } from '@gatehouse/contract/identity/provider-settings'
import type {
  IdentityProvider,
  IdentityProviderCreate,
  IdentityProviderUpdate,
} from '@gatehouse/contract/identity/providers'

/** Lists and texts that may be missing are one text; a number that is being typed may be empty. */
type Typed<Settings> = {
  [Key in keyof Settings]: NonNullable<Settings[Key]> extends string[]
    ? string
    : NonNullable<Settings[Key]> extends number
      ? number | ''
      : NonNullable<Settings[Key]>
}

export type LdapValues = Typed<LdapSettings>
export type OidcValues = Typed<OidcSettings>
/** Both kinds have all fields; those of the other kind are not sent. */
export type SettingsValues = LdapValues & OidcValues

export interface ProviderValues {
  kind: ProviderKind
  name: string
  label: string
  enabled: boolean
  keepsCertificates: boolean
  mfaForNew: boolean
  roleRequired: boolean
  position: number | ''
  /** Empty: the console only names the provider. */
  passwordUrl: string
  /** Empty: the stored one stays. */
  secret: string
  settings: SettingsValues
}

const second = 1_000

export const blankSettings: SettingsValues = {
  urls: '',
  tls: 'ldaps',
  authorities: '',
  bind: 'service',
  bindDn: '',
  userRdn: 'uid',
  searchBase: '',
  usernameAttribute: 'uid',
  userFilter: '',
  displayNameAttribute: 'cn',
  idAttribute: 'auto',
  groups: 'search',
  groupBase: '',
  groupFilter: '',
  memberAttribute: 'member',
  rolesAttribute: '',
  nestedGroups: true,
  disabledFilter: '',
  connectTimeoutMs: 3,
  responseTimeoutMs: 10,
  mqttPasswords: false,
  sweepEveryMinutes: 60,
  issuer: '',
  clientId: '',
  scopes: 'openid profile',
  usernameClaim: 'preferred_username',
  displayNameClaim: 'name',
  rolesClaim: 'roles',
  acceptedAmr: '',
  acceptedAcr: '',
  logoutAtProvider: false,
  mayBePrivate: false,
  lastSignInDays: 30,
}

export function blankProvider(kind: ProviderKind): ProviderValues {
  return {
    kind,
    name: '',
    label: '',
    enabled: true,
    keepsCertificates: false,
    mfaForNew: false,
    roleRequired: kind === 'oidc',
    position: 0,
    passwordUrl: '',
    secret: '',
    settings: blankSettings,
  }
}

export function toValues(provider: IdentityProvider): ProviderValues {
  const { kind, name, label, enabled, keepsCertificates, mfaForNew, roleRequired, position, passwordUrl, settings } =
    provider
  return {
    kind,
    name,
    label,
    enabled,
    keepsCertificates,
    mfaForNew,
    roleRequired,
    position,
    passwordUrl: passwordUrl ?? '',
    secret: '',
    settings: { ...blankSettings, ...typed(settings) },
  }
}

const listKeys = new Set(['urls', 'scopes', 'acceptedAmr', 'acceptedAcr'])
const timeKeys = new Set(['connectTimeoutMs', 'responseTimeoutMs'])

function typed(settings: LdapSettings | OidcSettings): Partial<SettingsValues> {
  const entries = Object.entries(settings).map(([key, value]: [string, unknown]) => {
    // It begins with the usual one when somebody chooses to bind as the person.
    if (key === 'userRdn' && value === null) return [key, blankSettings.userRdn]
    if (Array.isArray(value)) return [key, value.join(key === 'urls' ? '\n' : ' ')]
    return [key, timeKeys.has(key) ? Number(value) / second : (value ?? '')]
  })
  return Object.fromEntries(entries) as Partial<SettingsValues>
}

export function toCreate(values: ProviderValues): IdentityProviderCreate {
  const { kind, name } = values
  return { kind, name: name.trim(), ...changesOf(values), secret: values.secret || null } as IdentityProviderCreate
}

/** An empty secret: the stored one stays. */
export function toUpdate(values: ProviderValues): IdentityProviderUpdate {
  const { kind, secret } = values
  return { kind, ...changesOf(values), ...(secret !== '' && { secret }) }
}

function changesOf(values: ProviderValues) {
  const { kind, label, enabled, keepsCertificates, mfaForNew, roleRequired, position, passwordUrl, settings } = values
  return {
    label: label.trim(),
    enabled,
    keepsCertificates,
    mfaForNew,
    roleRequired,
    position: Number(position),
    passwordUrl: passwordUrl.trim() || null,
    settings: kind === 'ldap' ? ldapOf(settings) : oidcOf(settings),
  }
}

/** Fields that the chosen way does not use are left empty, so that no old value is kept behind the screen. */
function ldapOf(settings: SettingsValues): LdapSettings {
  const { bind, groups, tls } = settings
  const isService = bind === 'service'
  const isSearched = groups === 'search' || groups === 'in-chain'
  return {
    ...(sent(settings, ldapKeys) as LdapSettings),
    ...(tls === 'none' && { authorities: null }),
    ...(isService ? { userRdn: null } : { bindDn: null }),
    ...(!isSearched && { groupBase: null, groupFilter: null }),
    ...(groups !== 'attribute' && { rolesAttribute: null }),
  }
}

function oidcOf(settings: SettingsValues): OidcSettings {
  return sent(settings, oidcKeys) as OidcSettings
}

const ldapKeys = [
  'urls',
  'tls',
  'authorities',
  'bind',
  'bindDn',
  'userRdn',
  'searchBase',
  'usernameAttribute',
  'userFilter',
  'displayNameAttribute',
  'idAttribute',
  'groups',
  'groupBase',
  'groupFilter',
  'memberAttribute',
  'rolesAttribute',
  'nestedGroups',
  'disabledFilter',
  'connectTimeoutMs',
  'responseTimeoutMs',
  'mqttPasswords',
  'sweepEveryMinutes',
  'lastSignInDays',
] as const satisfies readonly (keyof LdapSettings)[]

const oidcKeys = [
  'issuer',
  'clientId',
  'scopes',
  'authorities',
  'usernameClaim',
  'displayNameClaim',
  'rolesClaim',
  'acceptedAmr',
  'acceptedAcr',
  'logoutAtProvider',
  'mayBePrivate',
  'lastSignInDays',
] as const satisfies readonly (keyof OidcSettings)[]

/** Texts that must be there: an empty one is refused at its field. */
const neededTexts = new Set([
  'searchBase',
  'usernameAttribute',
  'memberAttribute',
  'issuer',
  'clientId',
  'usernameClaim',
])

function sent(settings: SettingsValues, keys: readonly (keyof SettingsValues)[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, sentValue(key, settings[key])]))
}

function sentValue(key: string, value: string | number | boolean): unknown {
  if (typeof value !== 'string') return timeKeys.has(key) ? Math.round(Number(value) * second) : value
  if (listKeys.has(key)) return value.split(/[\s,;]+/).filter(Boolean)
  return value.trim() || (neededTexts.has(key) ? '' : null)
}
