/** Who is signed in, and what they may call. The server decides; this is what the console shows as possible. */
import { holds, mayCall, mayCallSome, type Permission } from '@gatehouse/contract/permissions'
import type { Route } from '@gatehouse/contract/route'
import { type Session, session } from '@gatehouse/contract/session'
import { type QueryClient, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { redirect, useNavigate, useRouteContext } from '@tanstack/react-router'
import { permissionNeeded } from '../words/permissions.ts'
import { call, isRefusal } from './client.ts'

export interface FullSession extends Session {
  stage: 'full'
  user: NonNullable<Session['user']>
  permissions: Permission[]
}

/** `null`: nobody is signed in. */
export const sessionQuery = queryOptions<Session | null>({
  queryKey: [session.view.id, {}],
  queryFn: ({ signal }) => call(session.view, { signal }).catch(noneWhenSignedOut),
  staleTime: 60_000,
})

function noneWhenSignedOut(error: unknown): null {
  if (isRefusal(error, 'not_signed_in')) return null
  throw error
}

/** For the console's pages: the session at its last stage, or the way to where it is completed and back to `href`. */
export async function requireFullSession(client: QueryClient, href: string): Promise<FullSession> {
  const held = await client.fetchQuery(sessionQuery)
  if (isFull(held)) return held
  throw redirect({ to: placeOf(held), search: { from: href } })
}

function isFull(held: Session | null): held is FullSession {
  return held?.stage === 'full' && held.user !== undefined && held.permissions !== undefined
}

/** The page on which a session that is not complete goes on. */
export function placeOf(held: Session | null): '/sign-in' | '/new-password' | '/due' {
  if (!held) return '/sign-in'
  return held.stage === 'password-change-required' ? '/new-password' : '/due'
}

export interface CurrentSession {
  user: FullSession['user']
  version: string | undefined
  /** May I call this route: on this object, or on anything at all? */
  can: (route: Route, params?: Record<string, string>) => boolean
  /** The reason why not, in words for a disabled button; undefined if I may. */
  whyNot: (route: Route, params?: Record<string, string>) => string | undefined
  /** Nobody gives more than they hold: is this permission inside my own? */
  holds: (permission: Permission) => boolean
}

/** The session of the person in front of the console's pages. */
export function useSession(): CurrentSession {
  const held = useRouteContext({ from: '/console', select: (context) => context.session })
  const can: CurrentSession['can'] = (route, params) => mayIn(held, route, params)
  return {
    user: held.user,
    version: held.version,
    can,
    whyNot: (route, params) => (can(route, params) ? undefined : permissionNeeded(route, params)),
    holds: (permission) => holds(held.permissions, permission),
  }
}

/** The same question for loaders, which have the session in their context. */
export function mayIn({ permissions }: FullSession, route: Route, params?: Record<string, string>): boolean {
  return params ? mayCall(permissions, route, params) : mayCallSome(permissions, route)
}

/** What a page's `load` is given: the caches, the session, and the parameters of the URL that it depends on. */
export interface Loading<Parameters = unknown> {
  context: { client: QueryClient; session: FullSession }
  deps: Parameters
}

/** Signs out and goes to the sign-in; nothing of this person's stays in memory for the next one. */
export function useSignOut() {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () => call(session.signOut, {}),
    onSuccess: async () => {
      client.clear()
      client.setQueryData(sessionQuery.queryKey, null)
      await navigate({ to: '/sign-in' })
    },
  })
}
