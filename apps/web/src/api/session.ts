/** The signed-in user and the routes that the user may call. The server decides; the console only shows what is possible. */
import { holds, mayCall, mayCallSome, type Permission } from '@gatehouse/contract/access/permission'
import { type Session, session } from '@gatehouse/contract/identity/sign-in'
import type { Route } from '@gatehouse/contract/route'
import { type QueryClient, queryOptions, useMutation } from '@tanstack/react-query'
import { createContext, use } from 'react'
import { call, callQuietly, isRefusal } from './client.ts'
import { forgetNotices } from './notices.ts'
import { permissionNeeded } from './permission-needed.ts'

export interface FullSession extends Session {
  stage: 'full'
  user: NonNullable<Session['user']>
  permissions: Permission[]
}

/** `null`: nobody is signed in. */
export const sessionQuery = queryOptions<Session | null>({
  queryKey: [session.view.id, {}],
  queryFn: ({ signal }) => callQuietly(session.view, { signal }).catch(noneWhenSignedOut),
  staleTime: 60_000,
})

function noneWhenSignedOut(error: unknown): null {
  if (isRefusal(error, 'not_signed_in')) return null
  throw error
}

export function isFull(held: Session | null): held is FullSession {
  return held?.stage === 'full' && held.user !== undefined && held.permissions !== undefined
}

/** Begins a session: removes all cached answers of the previous user, then the gate shows the next stage. */
export function beginSession(client: QueryClient, next: Session): void {
  forgetNotices()
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== session.view.id })
  client.setQueryData(sessionQuery.queryKey, next)
}

/** Filled by the gate, around every page of the console. */
export const SessionContext = createContext<FullSession | null>(null)

export interface CurrentSession {
  user: FullSession['user']
  permissions: FullSession['permissions']
  version: string | undefined
  /** May I call this route: on this object, or on anything at all? */
  can: (route: Route, params?: Record<string, string>) => boolean
  /** The reason why not, in words for a disabled button; undefined if I may. */
  whyNot: (route: Route, params?: Record<string, string>) => string | undefined
  /** Is this permission covered by the own permissions? A user cannot give more than that. */
  holds: (permission: Permission) => boolean
}

/** The session of the person in front of the console's pages. */
export function useSession(): CurrentSession {
  const held = use(SessionContext)
  if (!held) throw new Error('useSession works in the console only')
  const can: CurrentSession['can'] = (route, params) => mayIn(held, route, params)
  return {
    user: held.user,
    permissions: held.permissions,
    version: held.version,
    can,
    whyNot: (route, params) => (can(route, params) ? undefined : permissionNeeded(route)),
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

/** Signs out and reloads the page, so that no data of this user stays in memory. */
export function useSignOut() {
  return useMutation({
    mutationFn: () => call(session.signOut, {}),
    onSuccess: () => location.assign('/'),
  })
}
