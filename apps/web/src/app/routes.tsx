/**
 * The site map. A page is one entry of the table: its path, the parameters of its URL, and its file. The stages before
 * the console are in `gate.tsx`. `vite/page-preloads.ts` reads this file.
 */
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyFn,
  lazyRouteComponent,
} from '@tanstack/react-router'
import type { ComponentType } from 'react'
import * as z from 'zod/mini'
import { PermissionsSearch } from '../access/permissions/search.ts'
import { RoleSearch, RolesSearch } from '../access/roles/search.ts'
import { PasswordSearch } from '../account/password-search.ts'
import { TokensSearch } from '../account/tokens-search.ts'
import type { Loading } from '../api/session.ts'
import { AdmissionRulesSearch, DeniedDevicesSearch } from '../brokers/admission/search.ts'
import { BrokerSearch, BrokersSearch } from '../brokers/inventory/search.ts'
import { ListenersSearch } from '../brokers/listeners/search.ts'
import {
  ConnectionsSearch,
  DecisionsSearch,
  HistorySearch,
  MqttSessionsSearch,
  RetainedSearch,
  TopicsSearch,
} from '../brokers/search.ts'
import { UpstreamsSearch } from '../brokers/upstreams/search.ts'
import { AuthoritiesSearch } from '../certificates/authorities/search.ts'
import { BuiltInSearch } from '../certificates/built-in-authority/search.ts'
import { ClientCertificatesSearch } from '../certificates/issued/search.ts'
import { RevocationsSearch } from '../certificates/revocations/search.ts'
import { ProviderSearch, ProvidersSearch } from '../identity/providers/search.ts'
import { UserSearch, UsersSearch } from '../identity/users/search.ts'
import { AuditSearch } from '../operations/audit/search.ts'
import { OverviewSearch } from '../operations/overview/search.ts'
import { Console } from './console.tsx'
import { ErrorPage, NotFoundPage } from './error-page.tsx'

const root = createRootRouteWithContext<Loading['context']>()({ component: Console })

const getParentRoute = () => root

/** The path of a page and the parameters of its URL, which its `load` gets. */
function at<const P extends string, S extends z.ZodMiniType>(path: P, search: S) {
  return { getParentRoute, path, validateSearch: search, loaderDeps: (of: { search: z.output<S> }) => of.search }
}

/** The file of a page, and the name of its component. The router awaits `load` before it shows the page. */
function page<N extends string, M extends { load: (...given: never) => Promise<void> } & Record<N, ComponentType>>(
  file: () => Promise<M>,
  name: N,
) {
  return { loader: lazyFn<M, 'load'>(file, 'load'), component: lazyRouteComponent<M, N>(file, name) }
}

const pages = [
  createRoute({
    ...at('/', OverviewSearch),
    ...page(() => import('../operations/overview/overview-page.tsx'), 'OverviewPage'),
  }),
  createRoute({ ...at('/users', UsersSearch), ...page(() => import('../identity/users/users-page.tsx'), 'UsersPage') }),
  createRoute({
    ...at('/people', UsersSearch),
    ...page(() => import('../identity/users/people-page.tsx'), 'PeoplePage'),
  }),
  createRoute({
    ...at('/devices', UsersSearch),
    ...page(() => import('../identity/users/devices-page.tsx'), 'DevicesPage'),
  }),
  createRoute({
    ...at('/users/$id', UserSearch),
    ...page(() => import('../identity/users/user-page.tsx'), 'UserPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/users/import',
    ...page(() => import('../identity/user-import/import-page.tsx'), 'ImportPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/users/import/mosquitto',
    ...page(() => import('../brokers/mosquitto-import/mosquitto-import-page.tsx'), 'MosquittoImportPage'),
  }),
  createRoute({ ...at('/roles', RolesSearch), ...page(() => import('../access/roles/roles-page.tsx'), 'RolesPage') }),
  createRoute({ ...at('/roles/$id', RoleSearch), ...page(() => import('../access/roles/role-page.tsx'), 'RolePage') }),
  createRoute({
    ...at('/permissions', PermissionsSearch),
    ...page(() => import('../access/permissions/permissions-page.tsx'), 'PermissionsPage'),
  }),
  createRoute({
    ...at('/authorities', AuthoritiesSearch),
    ...page(() => import('../certificates/authorities/authorities-page.tsx'), 'AuthoritiesPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/authorities/$fingerprint',
    ...page(() => import('../certificates/authorities/authority-page.tsx'), 'AuthorityPage'),
  }),
  createRoute({
    ...at('/authorities/built-in', BuiltInSearch),
    ...page(() => import('../certificates/built-in-authority/built-in-page.tsx'), 'BuiltInPage'),
  }),
  createRoute({
    ...at('/revocations', RevocationsSearch),
    ...page(() => import('../certificates/revocations/revocations-page.tsx'), 'RevocationsPage'),
  }),
  createRoute({
    ...at('/client-certificates', ClientCertificatesSearch),
    ...page(() => import('../certificates/issued/client-certificates-page.tsx'), 'ClientCertificatesPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/certificates/check',
    component: lazyRouteComponent(() => import('../certificates/check/check-page.tsx'), 'CheckPage'),
  }),
  createRoute({
    ...at('/brokers', BrokersSearch),
    ...page(() => import('../brokers/inventory/brokers-page.tsx'), 'BrokersPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/brokers/agents',
    ...page(() => import('../brokers/enforcers/agents-page.tsx'), 'AgentsPage'),
  }),
  createRoute({
    ...at('/brokers/$id', BrokerSearch),
    ...page(() => import('../brokers/inventory/broker-page.tsx'), 'BrokerPage'),
  }),
  createRoute({
    ...at('/broker/admission-rules', AdmissionRulesSearch),
    ...page(() => import('../brokers/admission/admission-rules-page.tsx'), 'AdmissionRulesPage'),
  }),
  createRoute({
    ...at('/broker/denied-devices', DeniedDevicesSearch),
    ...page(() => import('../brokers/admission/denied-devices-page.tsx'), 'DeniedDevicesPage'),
  }),
  createRoute({
    ...at('/broker/listeners', ListenersSearch),
    ...page(() => import('../brokers/listeners/listeners-page.tsx'), 'ListenersPage'),
  }),
  createRoute({
    ...at('/broker/upstreams', UpstreamsSearch),
    ...page(() => import('../brokers/upstreams/upstreams-page.tsx'), 'UpstreamsPage'),
  }),
  createRoute({
    ...at('/broker/connections', ConnectionsSearch),
    ...page(() => import('../brokers/connections/connections-page.tsx'), 'ConnectionsPage'),
  }),
  createRoute({
    ...at('/broker/sessions', MqttSessionsSearch),
    ...page(() => import('../brokers/sessions/sessions-page.tsx'), 'MqttSessionsPage'),
  }),
  createRoute({
    ...at('/broker/topics', TopicsSearch),
    ...page(() => import('../brokers/topics/topics-page.tsx'), 'TopicsPage'),
  }),
  createRoute({
    ...at('/broker/retained', RetainedSearch),
    ...page(() => import('../brokers/retained/retained-page.tsx'), 'RetainedPage'),
  }),
  createRoute({
    ...at('/broker/decisions', DecisionsSearch),
    ...page(() => import('../brokers/decisions/decisions-page.tsx'), 'DecisionsPage'),
  }),
  createRoute({
    ...at('/broker/decisions/history', HistorySearch),
    ...page(() => import('../brokers/decisions/history-page.tsx'), 'HistoryPage'),
  }),
  createRoute({
    ...at('/audit', AuditSearch),
    ...page(() => import('../operations/audit/audit-page.tsx'), 'AuditPage'),
  }),
  createRoute({
    ...at('/account/password', PasswordSearch),
    ...page(() => import('../account/password-page.tsx'), 'PasswordPage'),
  }),
  createRoute({ getParentRoute, path: '/account/mfa', ...page(() => import('../account/mfa-page.tsx'), 'MfaPage') }),
  createRoute({
    getParentRoute,
    path: '/account/sessions',
    ...page(() => import('../account/sessions-page.tsx'), 'SessionsPage'),
  }),
  createRoute({
    ...at('/account/tokens', TokensSearch),
    ...page(() => import('../account/tokens-page.tsx'), 'TokensPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/settings/policies',
    ...page(() => import('../operations/settings/policies-page.tsx'), 'PoliciesPage'),
  }),
  createRoute({
    ...at('/settings/identity-providers', ProvidersSearch),
    ...page(() => import('../identity/providers/providers-page.tsx'), 'ProvidersPage'),
  }),
  createRoute({
    ...at('/settings/identity-providers/$id', ProviderSearch),
    ...page(() => import('../identity/providers/provider-page.tsx'), 'ProviderPage'),
  }),
] as const

const routeTree = root.addChildren([...pages])

export function makeRouter(context: Loading['context']) {
  return createRouter({
    routeTree,
    context,
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
    defaultPreloadStaleTime: 0,
    // Reloads a stale dialog before showing it: its version would be refused as outdated.
    defaultStaleReloadMode: 'blocking',
    scrollRestoration: true,
    // Plain text, both ways: a search for "123" or "true" stays what was typed.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: writeSearch,
  })
}

function writeSearch(search: Record<string, unknown>): string {
  const given = Object.entries(search).filter(([, value]) => value !== undefined)
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
