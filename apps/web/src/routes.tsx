/**
 * The site map. A page is one entry: its path, what its URL may carry, and the file that has `load` (awaited before the
 * page shows) and the page. Everything behind the sign-in is loaded when it is first gone to.
 */
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyFn,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import * as z from 'zod/mini'
import { placeOf, requireFullSession, sessionQuery } from './api/session.ts'
import { RolesSearch } from './roles/search.ts'
import { SignInPage } from './session/sign-in-page.tsx'
import { ErrorPage, NotFoundPage } from './shell/error-page.tsx'
import { PendingBar } from './shell/pending-bar.tsx'
import { parameter } from './table/list-parameters.ts'

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: () => (
    <>
      <PendingBar />
      <Outlet />
    </>
  ),
})

/** Where to go after signing in: a path of this console, never another origin (`//host`, `/\host`). */
const From = z.object({ from: parameter(z.string().check(z.regex(/^\/(?![/\\])/))) })

interface BeforeConsole {
  context: { client: QueryClient }
  search: z.output<typeof From>
  location: { pathname: string }
}

/** The pages before the console: whoever belongs to another one is sent there. */
async function redirectToOwnPlace({ context, search, location }: BeforeConsole): Promise<void> {
  const held = await context.client.fetchQuery(sessionQuery)
  if (held?.stage === 'full') throw redirect({ href: search.from ?? '/' })
  if (placeOf(held) !== location.pathname) throw redirect({ to: placeOf(held), search })
}

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: From,
  beforeLoad: redirectToOwnPlace,
  component: SignInPage,
})

const newPassword = createRoute({
  getParentRoute: () => root,
  path: '/new-password',
  validateSearch: From,
  beforeLoad: redirectToOwnPlace,
  loader: lazyFn(() => import('./session/new-password-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./session/new-password-page.tsx'), 'NewPasswordPage'),
})

const due = createRoute({
  getParentRoute: () => root,
  path: '/due',
  validateSearch: From,
  beforeLoad: redirectToOwnPlace,
  component: lazyRouteComponent(() => import('./session/due-page.tsx'), 'DuePage'),
})

const console_ = createRoute({
  getParentRoute: () => root,
  id: 'console',
  beforeLoad: async ({ context, location }) => ({ session: await requireFullSession(context.client, location.href) }),
  component: lazyRouteComponent(() => import('./shell/console.tsx'), 'Console'),
})

const overview = createRoute({
  getParentRoute: () => console_,
  path: '/',
  loader: lazyFn(() => import('./overview/overview-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./overview/overview-page.tsx'), 'OverviewPage'),
})

const roles = createRoute({
  getParentRoute: () => console_,
  path: '/roles',
  validateSearch: RolesSearch,
  loaderDeps: ({ search }) => search,
  loader: lazyFn(() => import('./roles/roles-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./roles/roles-page.tsx'), 'RolesPage'),
})

const password = createRoute({
  getParentRoute: () => console_,
  path: '/settings/password',
  loader: lazyFn(() => import('./session/password-page.tsx'), 'load'),
  component: lazyRouteComponent(() => import('./session/password-page.tsx'), 'PasswordPage'),
})

const routeTree = root.addChildren([signIn, newPassword, due, console_.addChildren([overview, roles, password])])

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    context: { client },
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
    defaultPreloadStaleTime: 0,
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
