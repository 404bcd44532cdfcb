/**
 * What each change makes stale: one entry for every route of the contract that writes. A route without an entry does not compile.
 * The ids are strings, so that this table brings no schema of the contract into a page.
 */
import type { api } from '@gatehouse/contract/api'
import type { Route } from '@gatehouse/contract/route'
import type { Query, QueryClient } from '@tanstack/react-query'

type Api = typeof api
type Reads = { readonly method: 'GET' } | { readonly query: true }
type IdsOf<Kind extends 'reads' | 'writes'> = {
  [Feature in keyof Api]: {
    [Verb in keyof Api[Feature] & string]: (Api[Feature][Verb] extends Reads ? 'reads' : 'writes') extends Kind
      ? `${Feature}.${Verb}`
      : never
  }[keyof Api[Feature] & string]
}[keyof Api]

export type ReadId = IdsOf<'reads'>
export type ChangeId = IdsOf<'writes'>

/** Every change writes an audit event, and the overview counts what there is. */
const always = ['audit.list', 'overview.view', 'overview.expiries', 'overview.activity'] as const

const users = ['users.list', 'users.view', 'users.impact', 'users.tags', 'userChanges.impact'] as const
const roles = ['roles.list', 'roles.view', 'roles.impact'] as const
/** Who may do what. */
const rights = ['permissions.list', 'permissions.holders', 'permissions.accessOf', 'permissions.check'] as const
const sessions = ['sessions.list', 'sessions.listOf'] as const
const tokens = ['tokens.list', 'tokens.listOf'] as const
/** The session of this browser: its permissions, and the second factor of its user. */
const ownSession = ['session.view', 'mfa.view'] as const
const providers = [
  'identityProviders.list',
  'identityProviders.view',
  'identityProviders.preview',
  'identityProviders.impact',
] as const
const identities = ['identities.list', 'identities.listOf'] as const
const upstreams = ['upstreams.list', 'upstreams.view'] as const
const listeners = ['listeners.list', 'listeners.view'] as const
const brokers = ['brokers.list', 'brokers.view'] as const
/** Which devices a rule admits depends on users, roles, CAs and what the broker refused. */
const admission = [
  'admissionRules.list',
  'admissionRules.view',
  'admissionRules.preview',
  'deniedDevices.list',
] as const
const broker = [
  ...listeners,
  ...brokers,
  ...admission,
  'broker.view',
  'broker.connections',
  'broker.decisions',
  'decisions.list',
  'mqttSessions.list',
] as const
const authorities = [
  'authorities.list',
  'authorities.inspect',
  'authorities.view',
  'authorities.chain',
  'authorities.impact',
  'builtInAuthority.view',
  'clientCertificates.policy',
] as const
const certificates = ['clientCertificates.list', 'clientCertificates.view', 'certificates.check'] as const
const revocations = [
  'revocations.list',
  'revocations.impact',
  'revocationLists.list',
  'revocationLists.view',
  'revocationLists.inspect',
] as const
const deployed = ['deployments.list', 'deployments.choices'] as const
/** How old the secrets are depends on the trust store and on the listeners. */
const handOvers = ['kubernetes.list', 'kubernetes.generate'] as const
const listenersChanged = [
  ...broker,
  ...certificates,
  ...handOvers,
  'listeners.preview',
  'listeners.previewUpdate',
] as const
/** All that a change of trust in certificates alters. */
const trust = [...authorities, ...certificates, ...revocations, ...broker, ...deployed, ...handOvers] as const

const staleAfterChange: Record<ChangeId, readonly ReadId[]> = {
  // `beginSession` empties the cache, and after signing out the browser loads the page anew.
  'session.signIn': [],
  'session.secondFactor': [],
  'session.signOut': [],
  'session.login': [],
  'session.prove': [],
  // The answer is the new session, which the page puts into the cache itself.
  'session.changePassword': [...users, ...sessions, ...tokens],
  // Nothing is on before the enrolment is verified.
  'mfa.enrol': [],
  // The session follows once the person has saved the backup codes: its new stage closes the dialog that shows them.
  'mfa.verify': ['mfa.view', ...users, ...sessions],
  'mfa.regenerate': ['mfa.view'],
  'mfa.disable': [...ownSession, ...users],
  'mfa.reset': [...users, ...sessions, ...tokens],
  'sessions.end': [...sessions, 'users.impact'],
  'sessions.endOthers': [...sessions, 'users.impact'],
  'sessions.endOf': [...sessions, 'users.impact'],
  'sessions.endAllOf': [...sessions, 'users.impact'],
  'tokens.create': [...tokens, 'users.impact'],
  'tokens.revoke': [...tokens, ...broker, 'users.impact'],
  'tokens.revokeOf': [...tokens, ...broker, 'users.impact'],
  'users.create': [...users, ...roles, ...rights, ...authorities, ...certificates, ...admission],
  'users.update': [...users, ...roles, ...rights, ...ownSession, ...sessions, ...tokens, ...trust],
  // Without `users.view`: the user is gone, and asking for it again would only be refused. Its certificates are revoked.
  'users.remove': ['users.list', 'users.tags', ...providers, ...roles, ...rights, ...sessions, ...tokens, ...trust],
  'users.setPassword': [...users, ...sessions, ...tokens, ...broker],
  'userTransfer.batch': [...users, ...roles, ...rights, ...ownSession, ...sessions, ...tokens, ...trust],
  'identityProviders.create': [...providers, 'session.providers'],
  'identityProviders.testNew': [],
  'identityProviders.test': [],
  // A role that is no longer mapped is taken from its users at once.
  'identityProviders.update': [
    ...providers,
    ...identities,
    'session.providers',
    ...users,
    ...roles,
    ...rights,
    ...ownSession,
    ...sessions,
    ...tokens,
    ...trust,
  ],
  'identityProviders.sweep': [
    ...providers,
    ...identities,
    ...users,
    ...roles,
    ...rights,
    ...ownSession,
    ...sessions,
    ...tokens,
    ...trust,
  ],
  'identityProviders.remove': ['identityProviders.list', ...identities, 'session.providers', ...sessions],
  'identities.link': identities,
  'identities.linkOf': identities,
  'identities.unlink': [...identities, ...sessions],
  'identities.unlinkOf': [...identities, ...sessions],
  'mosquittoImports.create': ['mosquittoImports.preview', ...users, ...roles, ...rights, ...trust],
  'mosquittoImports.cancel': ['mosquittoImports.view'],
  'userChanges.apply': [...users, ...providers, ...roles, ...rights, ...ownSession, ...sessions, ...tokens, ...trust],
  'roles.create': [...roles, ...rights],
  'roles.update': [...roles, ...users, ...rights, ...ownSession, ...sessions, ...tokens, ...trust],
  // Without `roles.view`, as for users.
  'roles.remove': ['roles.list', ...providers, ...users, ...rights, ...ownSession, ...sessions, ...tokens, ...trust],
  'builtInAuthority.replace': trust,
  'authorities.create': trust,
  'authorities.update': trust,
  // Without `authorities.view`, as for users.
  'authorities.remove': trust.filter((id) => id !== 'authorities.view'),
  'clientCertificates.create': [...authorities, ...certificates],
  'revocations.create': trust,
  'revocations.remove': trust,
  'revocationLists.create': trust,
  'revocationLists.remove': trust,
  'broker.disconnect': [...broker, 'users.view', 'users.impact'],
  'brokers.create': brokers,
  'brokers.testNew': [],
  'brokers.update': brokers,
  'brokers.test': [],
  'brokers.remove': ['brokers.list'],
  'mosquitto.lookForDrift': [...brokers, 'mosquitto.view'],
  'mosquitto.restore': [...brokers, 'mosquitto.view'],
  'mosquitto.writeFirstLoad': [],
  'admissionRules.create': admission,
  'admissionRules.update': admission,
  'admissionRules.remove': admission.filter((id) => id !== 'admissionRules.view'),
  'deniedDevices.deny': admission,
  'deniedDevices.forgive': admission,
  'listeners.create': listenersChanged,
  'listeners.update': listenersChanged,
  'listeners.remove': listenersChanged,
  'enforcers.replaceAuthority': ['enforcers.list'],
  'enforcers.completeAuthority': ['enforcers.list', 'enforcers.view', ...brokers],
  'enforcers.enrol': ['enforcers.view'],
  'enforcers.cancel': ['enforcers.view'],
  'enforcers.restore': ['enforcers.view', ...brokers],
  'enforcers.revoke': ['enforcers.list', 'enforcers.view', ...brokers],
  'deployments.deploy': deployed,
  'deployments.forget': deployed,
  'kubernetes.record': handOvers,
  'kubernetes.remove': handOvers,
  'upstreams.create': upstreams,
  'upstreams.update': upstreams,
  'upstreams.remove': upstreams,
  'upstreams.testNew': [],
  'upstreams.test': [],
  'upstreams.forgetIdentity': ['upstreams.listIdentities'],
  'mqttSessions.remove': [...broker, 'users.view', 'users.impact'],
  // Without `retained.view`, as for users.
  'retained.clear': ['retained.list'],
  'topics.publish': ['retained.list', 'retained.view', 'topics.view'],
  'topics.clear': ['retained.list', 'retained.view', 'topics.view'],
  'settings.update': [
    'settings.view',
    'session.passwordPolicy',
    ...users,
    ...roles,
    ...ownSession,
    ...sessions,
    ...tokens,
    ...trust,
  ],
}

/** The ids of the reads that a change makes stale. Throws for a route that does not write. */
export function staleAfter({ id }: Pick<Route, 'id'>): readonly ReadId[] {
  const stale = Object.entries(staleAfterChange).find(([change]) => change === id)?.[1]
  if (!stale) throw new Error(`api/invalidation.ts has no entry for ${id}`)
  return [...new Set([...stale, ...always])]
}

/** Marks what a change made stale, and resolves when what is on the screen has been fetched anew. */
export async function refreshAfter(client: QueryClient, route: Pick<Route, 'id'>): Promise<void> {
  await Promise.all(staleAfter(route).map((id) => refresh(client, id)))
}

/** TanStack Query does not repeat the first fetch of a query, whose answer may be from before the change. */
async function refresh(client: QueryClient, id: ReadId): Promise<void> {
  const queryKey = [id]
  const running = client.getQueryCache().findAll({ queryKey, fetchStatus: 'fetching', predicate: isWithoutData })
  await client.invalidateQueries({ queryKey })
  if (running.length === 0) return
  // Also of a loader: no page shows its query yet, so `invalidateQueries` does not wait for it.
  await Promise.allSettled(running.map(async ({ promise }) => promise))
  await client.invalidateQueries({ queryKey, predicate: (query) => running.includes(query) })
}

function isWithoutData({ state }: Query): boolean {
  return state.data === undefined
}
