/** What a change ended, in numbers. */
import { plural, t } from '@lingui/core/macro'

/** `null`: the broker did not confirm in time. Nothing is said of nothing. */
export function disconnectedWords(disconnected: number | null): string {
  if (disconnected === null) return t`The broker has not confirmed yet.`
  if (disconnected === 0) return ''
  return plural(disconnected, { one: '# connection ended.', other: '# connections ended.' })
}

export function endedSessions(ended: number): string {
  if (ended === 0) return t`No sessions were open.`
  return plural(ended, { one: '# session ended.', other: '# sessions ended.' })
}
