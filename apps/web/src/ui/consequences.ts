/** What a change ended, in numbers. */

/** `null`: the broker did not confirm in time. Nothing is said of nothing. */
export function disconnectedWords(disconnected: number | null): string {
  if (disconnected === null) return 'The broker has not confirmed it yet.'
  if (disconnected === 0) return ''
  return disconnected === 1 ? '1 connection ended.' : `${disconnected.toLocaleString('en')} connections ended.`
}

export function endedSessions(ended: number): string {
  if (ended === 0) return 'No session was open any more.'
  return ended === 1 ? '1 session ended.' : `${ended.toLocaleString('en')} sessions ended.`
}
