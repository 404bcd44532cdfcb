/** The tabs of one browser share the session cookie, so they tell each other what happens to the session. No secrets, and no ids. */

/** `signed-in` also after the identity was confirmed at a provider, which happens in a tab of its own. */
export type SessionEvent = { event: 'signed-in' } | { event: 'signed-out' } | { event: 'used'; at: number }

// In tests without a browser the tab is alone.
const channel = typeof window === 'undefined' ? null : new BroadcastChannel('gatehouse-session')

export function tellOtherTabs(happened: SessionEvent): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel reaches its own origin only
  channel?.postMessage(happened)
}

/** Returns the function that ends the listening. */
export function whenOtherTabTells(handler: (happened: SessionEvent) => void): () => void {
  const ended = new AbortController()
  channel?.addEventListener('message', ({ data }: MessageEvent<SessionEvent>) => handler(data), {
    signal: ended.signal,
  })
  return () => ended.abort()
}
