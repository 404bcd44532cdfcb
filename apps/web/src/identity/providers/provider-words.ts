/** Identity providers, the choices of their settings and the steps of a test in words. */

import type { ProviderKind } from '@gatehouse/contract/identity/provider-names'
import type { LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import type { ProviderTestStep } from '@gatehouse/contract/identity/provider-test'
import type { IdentityProvider } from '@gatehouse/contract/identity/providers'
import { t } from '@lingui/core/macro'
import type { Status } from '../../ui/badges.tsx'

export const kindWords: Record<ProviderKind, string> = {
  ldap: t`Directory (LDAP)`,
  oidc: t`OpenID Connect`,
}

export const tlsWords: Record<LdapSettings['tls'], string> = {
  ldaps: t`LDAPS: encrypted from the first byte`,
  starttls: t`StartTLS: encrypted before the first password`,
  none: t`None: only for a directory on this machine`,
}

export const bindWords: Record<LdapSettings['bind'], string> = {
  service: t`With a service account that searches for people`,
  direct: t`As the person who signs in`,
}

export const groupWords: Record<LdapSettings['groups'], string> = {
  search: t`Search for groups that list the person as a member`,
  'in-chain': t`Active Directory: search with its rule for nested groups`,
  memberOf: t`Read the attribute memberOf of the person`,
  attribute: t`Read another attribute of the person`,
}

export const idWords: Record<LdapSettings['idAttribute'], string> = {
  auto: t`Automatic`,
  entryUUID: 'entryUUID',
  objectGUID: 'objectGUID',
}

export function optionsOf(words: Readonly<Record<string, string>>) {
  return Object.entries(words).map(([value, label]) => ({ value, label }))
}

/** Where the provider is: its first server, or its issuer. */
export function placeOf(provider: IdentityProvider): string {
  return provider.kind === 'ldap' ? (provider.settings.urls[0] ?? '') : provider.settings.issuer
}

export function stateWords({ enabled }: Pick<IdentityProvider, 'enabled'>): { status: Status; label: string } {
  return enabled ? { status: 'valid', label: t`enabled` } : { status: 'off', label: t`disabled` }
}

/** What people can do while there is no mapping. */
export function withoutMappings({ roleRequired }: Pick<IdentityProvider, 'roleRequired'>): string {
  return roleRequired
    ? t`None yet. New people cannot sign in before one of their groups is mapped to a role.`
    : t`None yet. People sign in and may change their own account only.`
}

export const stepWords: Record<ProviderTestStep['step'], string> = {
  address: t`Find the address`,
  tcp: t`Open a connection`,
  tls: t`Check the certificate`,
  credentials: t`Sign in with the account`,
  directory: t`Read the search base`,
  person: t`Find the person`,
  password: t`Check the person’s password`,
  groups: t`Find the person’s groups`,
  discovery: t`Read the provider’s configuration`,
  keys: t`Read the provider’s keys`,
  client: t`Check client ID and secret`,
}

export const problemWords: Record<NonNullable<ProviderTestStep['problem']>, string> = {
  not_resolved: t`DNS has no address for this host name. Check the address.`,
  address_not_allowed: t`Gatehouse does not connect to this address.`,
  refused_connection: t`The connection was refused. Check host, port and firewalls.`,
  timed_out: t`No answer in time. Check host, port and firewalls.`,
  proxy_failed: t`The proxy did not connect. Check HTTPS_PROXY and NO_PROXY.`,
  certificate_not_trusted: t`No trusted CA signed the certificate. Enter the CA under Own CAs.`,
  certificate_expired: t`The certificate has expired.`,
  certificate_wrong_name: t`The certificate is for another name. Use the name that it contains.`,
  tls_failed: t`TLS failed.`,
  starttls_refused: t`The server does not offer StartTLS.`,
  wrong_secret: t`The account or its password is wrong.`,
  base_not_found: t`This entry does not exist, or the account may not read it.`,
  not_permitted_there: t`The account may not read this.`,
  person_not_found: t`Nobody has this name, or the filter excludes the person.`,
  several_persons: t`Several entries have this name. Choose another attribute or a narrower filter.`,
  wrong_password: t`The password of the person is wrong.`,
  account_disabled: t`The account of the person is disabled there.`,
  groups_not_readable: t`The groups could not all be read.`,
  no_id_attribute: t`The entry has no permanent identifier. The account may not read it, or it is in another attribute.`,
  username_unusable: t`The name cannot be a username here: 3 to 64 letters, digits and . _ - @ :`,
  not_an_issuer: t`There is no OpenID configuration at this address.`,
  issuer_differs: t`The configuration names another issuer. Use exactly that issuer.`,
  no_usable_keys: t`The provider publishes no key that can be used.`,
  clock_differs: t`The clocks differ too much.`,
  client_refused: t`The provider refuses the client ID or the secret.`,
  unexpected_answer: t`The answer does not follow the protocol.`,
}

/** What the outcome of a step means. */
export function outcomeWords({ outcome, problem, detail }: ProviderTestStep): string {
  if (outcome === 'skipped') return t`Not tested.`
  const found = detail === null ? '' : ` (${detail})`
  if (outcome === 'passed') return `${t`Works.`}${found}`
  return `${problem === null ? t`Failed.` : problemWords[problem]}${found}`
}
