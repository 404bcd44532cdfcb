/** What a change of a user is going to end, said before it is made. */

import type { GrantType, UserImpact } from '@gatehouse/contract/identity/users'
import { plural, t } from '@lingui/core/macro'
import { formatList } from '../../messages/format.ts'
import { foreseenElsewhere } from '../../ui/foreseen.ts'

export const methodNames = { password: t`Password`, certificate: t`Certificate`, token: t`Token` } as const

interface Access {
  grantTypes: readonly GrantType[]
  isDisabled: boolean
}

/** What is being done, as the beginning of a sentence: "Turning Certificate off". */
export function changeWords(before: Access, after: Access): string {
  const off = before.grantTypes.filter(({ method }) => !after.grantTypes.some((grant) => grant.method === method))
  const demanded = after.grantTypes.filter(({ method, isRequired }) => isRequired && !isDemanded(before, method))
  const changes = [
    ...(after.isDisabled && !before.isDisabled ? [t`Disabling the user`] : []),
    ...off.map(({ method }) => t`Turning ${methodNames[method]} off`),
    ...demanded.map(({ method }) => t`Requiring ${methodNames[method]}`),
  ]
  return changes.length === 1 && changes[0] ? changes[0] : t`This change`
}

function isDemanded({ grantTypes }: Access, method: GrantType['method']): boolean {
  return grantTypes.some((grant) => grant.method === method && grant.isRequired)
}

/** "Connected now. Turning Certificate off ends 1 connection." `live`: its connections now, null when not known. */
export function impactSentence(change: string, live: number | null, impact: UserImpact): string {
  return [embeddedSentence(change, live, impact), ...foreseenElsewhere(impact.connectionsByBroker)].join(' ')
}

function embeddedSentence(change: string, live: number | null, impact: UserImpact): string {
  const now = liveWords(live)
  const ended = [
    ...(impact.connections ? [plural(impact.connections, { one: '# connection', other: '# connections' })] : []),
    ...(impact.sessions ? [plural(impact.sessions, { one: '# session', other: '# sessions' })] : []),
    ...(impact.tokens ? [plural(impact.tokens, { one: '# token', other: '# tokens' })] : []),
  ]
  const rest = ended.length > 0 ? t`${change} ends ${formatList(ended)}.` : ''
  if (impact.connections === null) {
    return [rest, t`The broker did not respond, so the number of connections that end is unknown.`].join(' ').trim()
  }
  if (rest) return [now, rest].join(' ').trim()
  return live ? t`${now} No connection ends.` : t`Not connected now. No connection ends.`
}

/** "Connected now.", "3 connections now.", or nothing. */
export function liveWords(live: number | null): string {
  if (!live) return ''
  return plural(live, { one: 'Connected now.', other: '# connections now.' })
}
