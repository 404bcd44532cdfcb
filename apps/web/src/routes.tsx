/**
 * The site map. A page is one entry: its path, what its URL may carry, and the file that has `load` (awaited before the
 * page shows) and the page itself. What comes before the console is no page: see `gate.tsx`.
 */
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyFn,
  lazyRouteComponent,
} from '@tanstack/react-router'
import type { Loading } from './api/session.ts'
import { AuditSearch } from './audit/search.ts'
import { AuthoritiesSearch } from './authorities/search.ts'
import { ConnectionsSearch, DecisionsSearch } from './broker/search.ts'
import { BuiltInSearch } from './built-in-authority/search.ts'
import { ClientCertificatesSearch } from './client-certificates/search.ts'
import { OverviewSearch } from './overview/search.ts'
import { PermissionsSearch } from './permissions/search.ts'
import { RevocationsSearch } from './revocations/search.ts'
import { RolesSearch } from './roles/search.ts'
import { Console } from './shell/console.tsx'
import { ErrorPage, NotFoundPage } from './shell/error-page.tsx'
import { TokensSearch } from './tokens/search.ts'
import { UsersSearch } from './users/search.ts'

const root = createRootRouteWithContext<Loading['context']>()({ component: Console })

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: OverviewSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./overview/overview-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./overview/overview-page.tsx'), 'OverviewPage'),
})

const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  validateSearch: UsersSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./users/users-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./users/users-page.tsx'), 'UsersPage'),
})

const usersImport = createRoute({
  getParentRoute: () => root,
  path: '/users/import',
  loader: lazyFn(() => import('./user-transfer/import-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./user-transfer/import-page.tsx'), 'ImportPage'),
})

const roles = createRoute({
  getParentRoute: () => root,
  path: '/roles',
  validateSearch: RolesSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./roles/roles-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./roles/roles-page.tsx'), 'RolesPage'),
})

const permissions = createRoute({
  getParentRoute: () => root,
  path: '/permissions',
  validateSearch: PermissionsSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./permissions/permissions-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./permissions/permissions-page.tsx'), 'PermissionsPage'),
})

const authorities = createRoute({
  getParentRoute: () => root,
  path: '/authorities',
  validateSearch: AuthoritiesSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./authorities/authorities-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./authorities/authorities-page.tsx'), 'AuthoritiesPage'),
})

const clientCertificates = createRoute({
  getParentRoute: () => root,
  path: '/client-certificates',
  validateSearch: ClientCertificatesSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./client-certificates/client-certificates-page.tsx'), 'load'),
  component: lazyRouteComponent(
    () => import('./client-certificates/client-certificates-page.tsx'),
    'ClientCertificatesPage',
  ),
})

const certificateCheck = createRoute({
  getParentRoute: () => root,
  path: '/certificates/check',
  component: lazyRouteComponent(() => import('./certificates/check-page.tsx'), 'CheckPage'),
})

const revocations = createRoute({
  getParentRoute: () => root,
  path: '/revocations',
  validateSearch: RevocationsSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./revocations/revocations-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./revocations/revocations-page.tsx'), 'RevocationsPage'),
})

const builtInAuthority = createRoute({
  getParentRoute: () => root,
  path: '/authorities/built-in',
  validateSearch: BuiltInSearch,
  loader: lazyFn(() => import('./built-in-authority/built-in-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./built-in-authority/built-in-page.tsx'), 'BuiltInPage'),
})

const connections = createRoute({
  getParentRoute: () => root,
  path: '/broker/connections',
  validateSearch: ConnectionsSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./broker/connections-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./broker/connections-page.tsx'), 'ConnectionsPage'),
})

const decisions = createRoute({
  getParentRoute: () => root,
  path: '/broker/decisions',
  validateSearch: DecisionsSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./broker/decisions-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./broker/decisions-page.tsx'), 'DecisionsPage'),
})

const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  validateSearch: AuditSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./audit/audit-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./audit/audit-page.tsx'), 'AuditPage'),
})

const password = createRoute({
  getParentRoute: () => root,
  path: '/settings/password',
  loader: lazyFn(() => import('./session/password-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./session/password-page.tsx'), 'PasswordPage'),
})

const mfa = createRoute({
  getParentRoute: () => root,
  path: '/settings/mfa',
  loader: lazyFn(() => import('./mfa/mfa-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./mfa/mfa-page.tsx'), 'MfaPage'),
})

const sessions = createRoute({
  getParentRoute: () => root,
  path: '/settings/sessions',
  loader: lazyFn(() => import('./sessions/sessions-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./sessions/sessions-page.tsx'), 'SessionsPage'),
})

const tokens = createRoute({
  getParentRoute: () => root,
  path: '/settings/tokens',
  validateSearch: TokensSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./tokens/tokens-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./tokens/tokens-page.tsx'), 'TokensPage'),
})

const policies = createRoute({
  getParentRoute: () => root,
  path: '/settings/policies',
  loader: lazyFn(() => import('./settings/policies-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./settings/policies-page.tsx'), 'PoliciesPage'),
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
    // A dialog that was open before is not shown again as it was then: what it holds would be refused as outdated.
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
