/** A provider as a request describes it, judged before it is stored or tested. */
import type { FieldCode } from '@gatehouse/contract/errors'
import type { IdentityProvider, identityProviders } from '@gatehouse/contract/identity/providers'
import type { Parsed } from '@gatehouse/contract/route'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { ProviderConnectors } from './connector.ts'
import { comparison } from './roles-for.ts'

export type Create = Parsed<typeof identityProviders.create>['body']
export type Update = Parsed<typeof identityProviders.update>['body']

export function newProvider({ secret, ...given }: Create, clock: Clock): IdentityProvider {
  return { ...given, id: newId(clock.now()), hasSecret: secret !== null, createdAt: timestamp(clock), version: 1 }
}

/** The provider after a change. Throws `provider_refused` where the kind differs or the secret must be given again. */
export function changedProvider(before: IdentityProvider, update: Update): IdentityProvider {
  const { secret } = update
  const common = {
    label: update.label ?? before.label,
    enabled: update.enabled ?? before.enabled,
    keepsCertificates: update.keepsCertificates ?? before.keepsCertificates,
    mfaForNew: update.mfaForNew ?? before.mfaForNew,
    roleRequired: update.roleRequired ?? before.roleRequired,
    position: update.position ?? before.position,
    passwordUrl: update.passwordUrl === undefined ? before.passwordUrl : update.passwordUrl,
    mappings: update.mappings ?? before.mappings,
    hasSecret: secret === undefined ? before.hasSecret : secret !== null,
    version: before.version + 1,
  }
  if (before.kind === 'ldap' && update.kind === 'ldap') {
    const after = { ...before, ...common, settings: { ...before.settings, ...present(update.settings) } }
    requireSecretAgain(before, after, secret)
    return after
  }
  if (before.kind === 'oidc' && update.kind === 'oidc') {
    const after = { ...before, ...common, settings: { ...before.settings, ...present(update.settings) } }
    requireSecretAgain(before, after, secret)
    return after
  }
  throw refused({ kind: 'invalid' })
}

/** Without the members that a request left out. */
function present<T extends object>(settings: T | undefined): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const members = Object.entries(settings ?? {}).filter(([, value]) => value !== undefined)
  return Object.fromEntries(members) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

/** A stored secret is sent only to the server that it was given for (rule: never to another one by a change of the address). */
function requireSecretAgain(
  before: IdentityProvider,
  after: IdentityProvider,
  secret: string | null | undefined,
): void {
  const isElsewhere = destinationOf(before) !== destinationOf(after)
  if (isElsewhere && before.hasSecret && secret === undefined) throw refused({ secret: 'required' })
}

/** Address, TLS mode and CA: where the secret goes. */
function destinationOf({ kind, settings }: IdentityProvider): string {
  if (kind === 'ldap') return JSON.stringify([settings.urls, settings.tls, settings.authorities])
  return JSON.stringify([settings.issuer, settings.authorities])
}

/** Throws `provider_refused` with the fields of what could not work. */
export async function requireGood(provider: IdentityProvider, connectors: ProviderConnectors): Promise<void> {
  const own = provider.kind === 'ldap' ? judgeLdap(provider) : judgeOidc(provider)
  const theirs =
    provider.kind === 'ldap'
      ? await connectors.ldap.judge(provider.settings)
      : await connectors.oidc.judge(provider.settings)
  const settings = Object.entries(theirs).flatMap(([name, code]) => (code ? [[`settings.${name}`, code] as const] : []))
  const wrong = { ...Object.fromEntries(settings), ...own, ...judgeMappings(provider) }
  if (Object.keys(wrong).length > 0) throw refused(wrong)
}

type Wrong = Record<string, FieldCode>

function judgeLdap({ settings, hasSecret }: Extract<IdentityProvider, { kind: 'ldap' }>): Wrong {
  const { urls, tls, bind, bindDn, userRdn, groups, rolesAttribute } = settings
  const wrong: Wrong = {}
  for (const [at, url] of urls.entries()) {
    if (url.startsWith('ldaps:') !== (tls === 'ldaps')) wrong[`settings.urls.${at}`] = 'invalid'
    if (tls === 'none' && !isLoopback(url)) wrong['settings.tls'] = 'tls_required'
  }
  if (bind === 'service' && bindDn === null) wrong['settings.bindDn'] = 'required'
  if (bind === 'service' && !hasSecret) wrong['secret'] = 'required'
  if (bind === 'direct' && userRdn === null) wrong['settings.userRdn'] = 'required'
  if (groups === 'attribute' && rolesAttribute === null) wrong['settings.rolesAttribute'] = 'required'
  return wrong
}

function judgeOidc({ settings }: Extract<IdentityProvider, { kind: 'oidc' }>): Wrong {
  const { issuer, scopes } = settings
  const wrong: Wrong = {}
  if (issuer.startsWith('http:') && !isLoopback(issuer)) wrong['settings.issuer'] = 'tls_required'
  // OpenID Connect Core §3.1.2.1
  if (!scopes.includes('openid')) wrong['settings.scopes'] = 'invalid'
  return wrong
}

function judgeMappings(provider: IdentityProvider): Wrong {
  const keyOf = comparison(provider)
  const seen = new Set<string>()
  const wrong: Wrong = {}
  for (const [at, { source, roleId }] of provider.mappings.entries()) {
    const key = `${roleId} ${keyOf(source)}`
    if (seen.has(key)) wrong[`mappings.${at}.source`] = 'duplicate'
    seen.add(key)
  }
  return wrong
}

function isLoopback(url: string): boolean {
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

function refused(fields: Wrong): Problem {
  return new Problem('provider_refused', { fields })
}
