/** The signed-in user and the routes that the user may call. The server decides; the console only shows what is possible. */
import { holds, mayCall, mayCallSome, type Permission } from '@gatehouse/contract/access/permission'
import { type Session, session } from '@gatehouse/contract/identity/sign-in'
import type { Route } from '@gatehouse/contract/route'
import { type QueryClient, queryOptions, useMutation } from '@tanstack/react-query'
import { createContext, use } from 'react'
import { callQuietly, isRefusal } from './client.ts'
import { forgetNotices } from './notices.ts'
import { isPageReset, resetPage } from './page-reset.ts'
import { permissionNeeded } from './permission-needed.ts'
import { type SessionEvent, tellOtherTabs, whenOtherTabTells } from './session-channel.ts'
import { noteLifetime, noteUseElsewhere, sessionTimes, whyEnded } from './session-lifetime.ts'

export interface FullSession extends HeldSession {
  stage: 'full'
  user: NonNullable<Session['user']>
  permissions: Permission[]
}

/**
 * Why the session of an open console has ended. `second-factor`: it goes on after a code. `demand`: it goes on after the step in
 * `due`. The server does not give the others.
 */
export type SessionEnd = 'idle' | 'limit' | 'ended' | 'signed-out' | 'second-factor' | 'demand'

/** `ended`: the console stays in the page, hidden, until the same user has signed in again. */
export interface HeldSession extends Session {
  ended?: SessionEnd
  /** The step that the server asks for next, while the console is hidden. Null: signing in. */
  due?: Exclude<Session['stage'], 'full'> | null
}

const sessionKey = [session.view.id, {}] as const

/** `null`: nobody is signed in. */
export const sessionQuery = queryOptions<HeldSession | null>({
  queryKey: sessionKey,
  queryFn: async ({ client, signal }) => {
    const answer = await callQuietly(session.view, { signal }).catch(noneWhenSignedOut)
    const wasEnded = isEnded(client)
    const held = hold(client, answer)
    // The dialog goes. What waits for its answer must not wait for the next one.
    if (wasEnded && !held?.ended && !isPageReset()) goOn(client, isFull(held))
    return held
  },
  staleTime: 60_000,
})

function noneWhenSignedOut(error: unknown): null {
  if (isRefusal(error, 'not_signed_in')) return null
  throw error
}

export function isFull(held: HeldSession | null | undefined): held is FullSession {
  return held?.stage === 'full' && held.user !== undefined && held.permissions !== undefined
}

/** What the page holds after this answer of the server. */
function hold(client: QueryClient, answer: Session | null): HeldSession | null {
  const held = client.getQueryData<HeldSession | null>(sessionKey)
  if (answer) noteLifetime(answer, Date.now())
  if (isFull(answer)) keepToUser(answer.user.id)
  if (!isFull(held)) return answer
  if (answer === null) return { ...held, ended: held.ended ?? reasonNow(), due: null }
  if (answer.stage === 'full') return answer
  const ended = held.ended ?? (answer.stage === 'mfa-required' ? 'second-factor' : 'demand')
  return { ...held, ended, due: answer.stage }
}

function isEnded(client: QueryClient): boolean {
  return client.getQueryData<HeldSession | null>(sessionKey)?.ended !== undefined
}

/** The user whose data this page holds, also while the page of another stage stands in the place of the console. */
let userOfPage: string | null = null

function keepToUser(id: string): void {
  if (userOfPage !== null && userOfPage !== id) resetPage()
  userOfPage = id
}

let wasSignedOutElsewhere = false

function reasonNow(): SessionEnd {
  return wasSignedOutElsewhere ? 'signed-out' : whyEnded(sessionTimes(), Date.now())
}

function forgetAnswers(client: QueryClient): void {
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== session.view.id })
}

/** Resolves when the person has answered the dialog that asks to sign in again; see `updateSession`. */
let waiting: PromiseWithResolvers<boolean> | null = null

/**
 * Looks whether the session has ended. Resolves with whether it goes on, maybe after the same user has signed in again, in this tab or
 * in another one.
 */
export async function afterSessionEnd(client: QueryClient): Promise<boolean> {
  if (!client.getQueryData(sessionKey)) return false
  await client.invalidateQueries({ queryKey: sessionKey })
  const held = client.getQueryData<HeldSession | null>(sessionKey)
  if (!held?.ended) return isFull(held)
  waiting ??= Promise.withResolvers()
  return waiting.promise
}

/** Tabs share the cookie: what one of them does to the session, the others look up. */
export function followOtherTabs(client: QueryClient): void {
  whenOtherTabTells((happened) => {
    if (happened.event === 'used') noteUseElsewhere(happened.at)
    else void follow(client, happened)
  })
}

async function follow(client: QueryClient, { event }: SessionEvent): Promise<void> {
  wasSignedOutElsewhere = event === 'signed-out'
  await client.invalidateQueries({ queryKey: sessionKey })
  const held = client.getQueryData<HeldSession | null>(sessionKey)
  if (!held?.ended) goOn(client, isFull(held))
}

/**
 * Holds the session that a sign-in or a change of the own account answered with. Where it completes the sign-in in front of a console,
 * the pages stay as they are, and the calls that wait are sent again. Another user gets a new page, and nothing that waits is sent.
 */
export function updateSession(client: QueryClient, next: Session): void {
  const wasEnded = isEnded(client)
  const held = hold(client, next)
  client.setQueryData(sessionKey, held)
  if (!wasEnded || held?.ended || isPageReset()) return
  tellOtherTabs({ event: 'signed-in' })
  goOn(client, true)
}

/** Begins a session: removes all cached answers of the previous user, then the gate shows the next stage. */
export function beginSession(client: QueryClient, next: Session): void {
  forgetNotices()
  forgetAnswers(client)
  client.setQueryData(sessionKey, hold(client, next))
  tellOtherTabs({ event: 'signed-in' })
}

/** Ends the waiting of calls. `isSignedIn`: they are sent again. */
function goOn(client: QueryClient, isSignedIn: boolean): void {
  wasSignedOutElsewhere = false
  waiting?.resolve(isSignedIn)
  waiting = null
  void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== session.view.id })
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
    mutationFn: () => callQuietly(session.signOut, {}).catch(noneWhenSignedOut),
    onSuccess: (answer) => {
      tellOtherTabs({ event: 'signed-out' })
      // At a provider, the sign-out goes on there.
      resetPage(answer?.continueAt ?? undefined)
    },
  })
}
