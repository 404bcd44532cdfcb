/**
 * The site map. A page is one entry: its path, what its URL may carry, and the file that has `load` (awaited before the
 * page shows) and the page itself. The stages before the console are in `gate.tsx`.
 */
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyFn,
  lazyRouteComponent,
} from '@tanstack/react-router'
import { PermissionsSearch } from '../access/permissions/search.ts'
import { RolesSearch } from '../access/roles/search.ts'
import { TokensSearch } from '../account/tokens-search.ts'
import type { Loading } from '../api/session.ts'
import { ConnectionsSearch, DecisionsSearch, HistorySearch } from '../brokers/search.ts'
import { AuthoritiesSearch } from '../certificates/authorities/search.ts'
import { BuiltInSearch } from '../certificates/built-in-authority/search.ts'
import { ClientCertificatesSearch } from '../certificates/issued/search.ts'
import { RevocationsSearch } from '../certificates/revocations/search.ts'
import { UsersSearch } from '../identity/users/search.ts'
import { AuditSearch } from '../operations/audit/search.ts'
import { OverviewSearch } from '../operations/overview/search.ts'
import { Console } from './console.tsx'
import { ErrorPage, NotFoundPage } from './error-page.tsx'

const root = createRootRouteWithContext<Loading['context']>()({ component: Console })

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: OverviewSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../operations/overview/overview-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../operations/overview/overview-page.tsx'), 'OverviewPage'),
})

const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  validateSearch: UsersSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../identity/users/users-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../identity/users/users-page.tsx'), 'UsersPage'),
})

const usersImport = createRoute({
  getParentRoute: () => root,
  path: '/users/import',
  loader: lazyFn(() => import('../identity/user-import/import-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../identity/user-import/import-page.tsx'), 'ImportPage'),
})

const roles = createRoute({
  getParentRoute: () => root,
  path: '/roles',
  validateSearch: RolesSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../access/roles/roles-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../access/roles/roles-page.tsx'), 'RolesPage'),
})

const permissions = createRoute({
  getParentRoute: () => root,
  path: '/permissions',
  validateSearch: PermissionsSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../access/permissions/permissions-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../access/permissions/permissions-page.tsx'), 'PermissionsPage'),
})

const authorities = createRoute({
  getParentRoute: () => root,
  path: '/authorities',
  validateSearch: AuthoritiesSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../certificates/authorities/authorities-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../certificates/authorities/authorities-page.tsx'), 'AuthoritiesPage'),
})

const clientCertificates = createRoute({
  getParentRoute: () => root,
  path: '/client-certificates',
  validateSearch: ClientCertificatesSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../certificates/issued/client-certificates-page.tsx'), 'load'),
  component: lazyRouteComponent(
    () => import('../certificates/issued/client-certificates-page.tsx'),
    'ClientCertificatesPage',
  ),
})

const certificateCheck = createRoute({
  getParentRoute: () => root,
  path: '/certificates/check',
  component: lazyRouteComponent(() => import('../certificates/check/check-page.tsx'), 'CheckPage'),
})

const revocations = createRoute({
  getParentRoute: () => root,
  path: '/revocations',
  validateSearch: RevocationsSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../certificates/revocations/revocations-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../certificates/revocations/revocations-page.tsx'), 'RevocationsPage'),
})

const builtInAuthority = createRoute({
  getParentRoute: () => root,
  path: '/authorities/built-in',
  validateSearch: BuiltInSearch,
  loader: lazyFn(() => import('../certificates/built-in-authority/built-in-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../certificates/built-in-authority/built-in-page.tsx'), 'BuiltInPage'),
})

const connections = createRoute({
  getParentRoute: () => root,
  path: '/broker/connections',
  validateSearch: ConnectionsSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../brokers/connections/connections-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../brokers/connections/connections-page.tsx'), 'ConnectionsPage'),
})

const decisions = createRoute({
  getParentRoute: () => root,
  path: '/broker/decisions',
  validateSearch: DecisionsSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../brokers/decisions/decisions-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../brokers/decisions/decisions-page.tsx'), 'DecisionsPage'),
})

const decisionHistory = createRoute({
  getParentRoute: () => root,
  path: '/broker/decisions/history',
  validateSearch: HistorySearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../brokers/decisions/history-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../brokers/decisions/history-page.tsx'), 'HistoryPage'),
})

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: AuditSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../operations/audit/audit-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../operations/audit/audit-page.tsx'), 'AuditPage'),
})

const password = createRoute({
  getParentRoute: () => root,
  path: '/settings/password',
  loader: lazyFn(() => import('../account/password-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../account/password-page.tsx'), 'PasswordPage'),
})

const mfa = createRoute({
  getParentRoute: () => root,
  path: '/settings/mfa',
  loader: lazyFn(() => import('../account/mfa-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../account/mfa-page.tsx'), 'MfaPage'),
})

const sessions = createRoute({
  getParentRoute: () => root,
  path: '/settings/sessions',
  loader: lazyFn(() => import('../account/sessions-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../account/sessions-page.tsx'), 'SessionsPage'),
})

const tokens = createRoute({
  getParentRoute: () => root,
  path: '/settings/tokens',
  validateSearch: TokensSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('../account/tokens-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../account/tokens-page.tsx'), 'TokensPage'),
})

const policies = createRoute({
  getParentRoute: () => root,
  path: '/settings/policies',
  loader: lazyFn(() => import('../operations/settings/policies-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('../operations/settings/policies-page.tsx'), 'PoliciesPage'),
})

const routeTree = root.addChildren([
  overview,
  users,
  usersImport,
  roles,
  permissions,
  authorities,
  builtInAuthority,
  revocations,
  clientCertificates,
  certificateCheck,
  connections,
  decisions,
  decisionHistory,
  audit,
  password,
  mfa,
  sessions,
  tokens,
  policies,
])

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
