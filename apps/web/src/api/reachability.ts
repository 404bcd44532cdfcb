/**
 * Whether the server answers. A request without an answer starts a probe; while the probes fail, the console says so, changes
 * nothing and tries again by itself. `navigator.onLine` alone decides nothing: the server may be on this machine.
 */
import { create } from 'zustand'
import { isActive } from './activity.ts'
import { isPageReset } from './page-reset.ts'
import { noteUse } from './session-lifetime.ts'

export interface Reachability {
  /** `offline`: the browser has no network. `silent`: the server does not answer. */
  state: 'reached' | 'offline' | 'silent'
  /** When the server answered last, in milliseconds since 1970. */
  reachedAt: number
}

const useStore = create<Reachability>(() => ({ state: 'reached', reachedAt: Date.now() }))

export function useReachability(): Reachability {
  return useStore()
}

export function useIsReached(): boolean {
  return useStore(({ state }) => state === 'reached')
}

export function isReached(): boolean {
  return useStore.getState().state === 'reached'
}

/** Calls `handler` each time the server answers again. Returns what ends that. */
export function whenReachedAgain(handler: () => void): () => void {
  return useStore.subscribe(({ state }, before) => {
    if (state === 'reached' && before.state !== 'reached') handler()
  })
}

/** A change that was not sent, because the server cannot be reached. It is never sent later. */
export class NotSent extends Error {
  constructor() {
    super('The server cannot be reached')
    this.name = 'NotSent'
  }
}

/** `fetch` that notes whether the server answers. */
export const watchedFetch: typeof fetch = async (input, init) => {
  if (isPageReset()) return new Promise<never>(() => {})
  try {
    const isUse = isActive(Date.now())
    const response = await fetch(input, isUse ? init : { ...init, headers: withMark(init?.headers) })
    noteAnswer(response, isUse)
    return response
  } catch (error) {
    if (!init?.signal?.aborted) void probe()
    throw error
  }
}

/** The server does not count such a request as a use of the session. */
const unattended = 'X-Gatehouse-Unattended'

function withMark(given: HeadersInit | undefined): Headers {
  const headers = new Headers(given)
  headers.set(unattended, '1')
  return headers
}

function noteAnswer(response: Response, isUse: boolean): void {
  if (isFromProxy(response)) return void probe()
  useStore.setState({ state: 'reached', reachedAt: Date.now() })
  if (response.ok && isUse) noteUse(Date.now())
}

/** A proxy says that there is no server behind it. Gatehouse itself explains each of its refusals. */
function isFromProxy({ status, headers }: Response): boolean {
  const isOurs = headers.get('Content-Type')?.startsWith('application/problem+json')
  return [502, 503, 504].includes(status) && !isOurs
}

const firstPauseMs = 2_000
const longestPauseMs = 10_000
const probeTimeoutMs = 5_000

let isProbing = false
let timer: ReturnType<typeof setTimeout> | undefined
let pauseMs = firstPauseMs

/** Asks for a small file, which keeps no session open. */
export async function probe(): Promise<void> {
  if (isProbing) return
  isProbing = true
  clearTimeout(timer)
  const isAnswered = await fetch('/favicon.svg', {
    method: 'HEAD',
    cache: 'no-store',
    signal: AbortSignal.timeout(probeTimeoutMs),
  }).then(
    (response) => !isFromProxy(response),
    () => false,
  )
  isProbing = false
  if (isAnswered) {
    pauseMs = firstPauseMs
    useStore.setState({ state: 'reached', reachedAt: Date.now() })
    return
  }
  useStore.setState({ state: navigator.onLine ? 'silent' : 'offline' })
  timer = setTimeout(() => void probe(), pauseMs)
  pauseMs = Math.min(longestPauseMs, pauseMs * 2)
}

/** The browser's own events are reasons to look at once. */
export function watchNetwork(): void {
  for (const event of ['online', 'offline']) window.addEventListener(event, () => void probe())
}
