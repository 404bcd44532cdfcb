/**
 * The links between the pages. `linkOptions` checks the page and its parameters against `app/routes.tsx`, so no link needs a cast.
 * Links within a page are in `ui/search-links.ts`.
 */
import type { ExpiryWindow } from '@gatehouse/contract/certificates/expiry'
import { type LinkProps, linkOptions } from '@tanstack/react-router'

/** The page of a person or a device. */
export function toUser(id: string): LinkProps {
  return linkOptions({ to: '/users/$id', params: { id } })
}

/** That page with Edit User open. */
export function toUserEdit(id: string): LinkProps {
  return linkOptions({ to: '/users/$id', params: { id }, search: { edit: '' } })
}

/** The list that a user of this kind is in. */
export function toUsersOfKind(kind: 'person' | 'machine', filters: { tag?: string } = {}): LinkProps {
  return linkOptions({ to: kind === 'machine' ? '/devices' : '/people', search: filters })
}

export function toNewPerson(): LinkProps {
  return linkOptions({ to: '/people', search: { create: '' } })
}

/** Add device; with the username of one that the broker refused because it has no user. */
export function toNewDevice(username = ''): LinkProps {
  return linkOptions({ to: '/devices', search: { create: username } })
}

export function toHoldersOf(roleId: string): LinkProps {
  return linkOptions({ to: '/users', search: { role: roleId } })
}

export function toUsersByLastSignIn(): LinkProps {
  return linkOptions({ to: '/users', search: { sort: '-lastSignInAt' } })
}

/** Enabled users who must have a second factor and have not set one up. */
export function toUsersWithoutFactor(): LinkProps {
  return linkOptions({ to: '/users', search: { factor: 'missing', state: 'enabled' } })
}

/** The users who come from `local`, `ldap:<name>` or `oidc:<name>`. */
export function toUsersFrom(identityProvider: string): LinkProps {
  return linkOptions({ to: '/users', search: { from: identityProvider } })
}

export function toProviders(): LinkProps {
  return linkOptions({ to: '/settings/identity-providers' })
}

export function toProvider(id: string): LinkProps {
  return linkOptions({ to: '/settings/identity-providers/$id', params: { id } })
}

/** The add dialog of a directory, or of an OpenID Connect provider. */
export function toNewProvider(kind: 'ldap' | 'oidc'): LinkProps {
  return linkOptions({ to: '/settings/identity-providers', search: { create: kind } })
}

export function toRole(id: string): LinkProps {
  return linkOptions({ to: '/roles/$id', params: { id } })
}

export function toRoles(): LinkProps {
  return linkOptions({ to: '/roles' })
}

export function toNewRole(): LinkProps {
  return linkOptions({ to: '/roles', search: { create: '' } })
}

export function toAuthorities(): LinkProps {
  return linkOptions({ to: '/authorities' })
}

export function toAuthoritiesByExpiry(): LinkProps {
  return linkOptions({ to: '/authorities', search: { sort: 'notAfter' } })
}

export function toAuthority(fingerprint: string): LinkProps {
  return linkOptions({ to: '/authorities/$fingerprint', params: { fingerprint } })
}

/** The authorities that may vouch for this user. */
export function toVouchersFor(username: string): LinkProps {
  return linkOptions({ to: '/authorities', search: { vouchesFor: username } })
}

export function toAuthorityUpload(): LinkProps {
  return linkOptions({ to: '/authorities', search: { upload: '' } })
}

export function toBuiltInAuthority(): LinkProps {
  return linkOptions({ to: '/authorities/built-in' })
}

export function toExpiringAuthorities(expires: ExpiryWindow): LinkProps {
  return linkOptions({ to: '/authorities', search: { expires } })
}

/** Connected devices whose certificates expire. */
export function toExpiringConnections(expires: ExpiryWindow): LinkProps {
  return linkOptions({ to: '/broker/connections', search: { expires } })
}

/** The client certificates with this username. */
export function toCertificatesOf(username: string): LinkProps {
  return linkOptions({ to: '/client-certificates', search: { search: username } })
}

/** The list, or the one revocation of this serial number. */
export function toRevocations(of: { issuerKey?: string; serialNumber?: string } = {}): LinkProps {
  return linkOptions({ to: '/revocations', search: of })
}

/** `search` finds client ids, usernames and addresses. */
export function toConnections(search?: string): LinkProps {
  return linkOptions({ to: '/broker/connections', search: search === undefined ? {} : { search } })
}

export function toBrokers(): LinkProps {
  return linkOptions({ to: '/brokers' })
}

export function toBroker(id: string): LinkProps {
  return linkOptions({ to: '/brokers/$id', params: { id } })
}

export function toAgents(): LinkProps {
  return linkOptions({ to: '/brokers/agents' })
}

export function toNewBroker(): LinkProps {
  return linkOptions({ to: '/brokers', search: { create: '' } })
}

export function toListeners(): LinkProps {
  return linkOptions({ to: '/broker/listeners' })
}

export function toNewUpstream(): LinkProps {
  return linkOptions({ to: '/broker/upstreams', search: { create: '' } })
}

/** The list with this listener open. */
export function toListener(id: string): LinkProps {
  return linkOptions({ to: '/broker/listeners', search: { edit: id } })
}

/** The connections of one listener, by its name. */
export function toConnectionsOf(listener: string): LinkProps {
  return linkOptions({ to: '/broker/connections', search: { listener } })
}

/** The latest decisions on one listener, by its name. */
export function toDecisionsOf(listener: string): LinkProps {
  return linkOptions({ to: '/broker/decisions', search: { listener } })
}

/** The live page with the last message of this topic. */
export function toTopic(topic: string): LinkProps {
  return linkOptions({ to: '/broker/topics', search: { topic } })
}

/** Retained messages with the message of this topic open. */
export function toRetained(topic: string): LinkProps {
  return linkOptions({ to: '/broker/retained', search: { topic } })
}

export function toAdmissionRules(): LinkProps {
  return linkOptions({ to: '/broker/admission-rules' })
}

export function toNewAdmissionRule(): LinkProps {
  return linkOptions({ to: '/broker/admission-rules', search: { create: '' } })
}

/** The devices that admission rules have admitted since then, in the audit. */
export function toAdmissionsSince(since: string): LinkProps {
  return linkOptions({ to: '/audit', search: { action: 'user.admitted', from: since } })
}

/** The names that no admission rule admits. */
export function toDeniedDevices(username?: string): LinkProps {
  return linkOptions({ to: '/broker/denied-devices', search: username === undefined ? {} : { search: username } })
}

export function toNewListener(): LinkProps {
  return linkOptions({ to: '/broker/listeners', search: { create: '' } })
}

/** What the broker decided about clients with this text in their name, address or topic. */
export function toDecisionsOn(search: string): LinkProps {
  return linkOptions({ to: '/broker/decisions', search: { search } })
}

/** What the broker refused since then. */
export function toRefusals(since: string): LinkProps {
  return linkOptions({ to: '/broker/decisions', search: { outcome: 'refused', from: since } })
}

export function toLiveDecisions(): LinkProps {
  return linkOptions({ to: '/broker/decisions' })
}

/** The decisions of the last days, about all clients or about one username. */
export function toDecisionHistory(username?: string): LinkProps {
  return linkOptions({ to: '/broker/decisions/history', search: username === undefined ? {} : { user: username } })
}

/** The audit up to a moment. */
export function toAuditUntil(until: string): LinkProps {
  return linkOptions({ to: '/audit', search: { until } })
}

export function toNewToken(): LinkProps {
  return linkOptions({ to: '/account/tokens', search: { create: '' } })
}
