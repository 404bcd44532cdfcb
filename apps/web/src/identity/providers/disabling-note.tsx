/** What ends when the provider is disabled, or no longer keeps certificates, beside the buttons of its form. */

import type { ProviderImpact } from '@gatehouse/contract/identity/provider-previews'
import { type IdentityProvider, identityProviders } from '@gatehouse/contract/identity/providers'
import { plural, t } from '@lingui/core/macro'
import { useQuery } from '@tanstack/react-query'
import { queryFor } from '../../api/queries.ts'
import { formatList } from '../../messages/format.ts'
import { foreseenElsewhere } from '../../ui/foreseen.ts'
import type { ProviderForm } from './field-parts.tsx'

export function DisablingNote({ provider, form }: { provider: IdentityProvider; form: ProviderForm }) {
  const { keepsCertificates } = form.values
  const wordsOf = endingWords(provider, form.values)
  const { data, isError } = useQuery({
    ...queryFor(identityProviders.impact, { params: { id: provider.id }, body: { keepsCertificates } }),
    enabled: wordsOf !== null,
  })
  if (wordsOf === null) return null
  return (
    <output>
      {isError ? t`What this ends could not be counted.` : data ? wordsOf(data) : t`Counting what this ends…`}
    </output>
  )
}

type Access = Pick<IdentityProvider, 'enabled' | 'keepsCertificates'>

/** How the note says what ends. Null if the change ends nothing. */
export function endingWords(before: Access, after: Access): ((impact: ProviderImpact) => string) | null {
  if (after.enabled) return null
  if (before.enabled) return disablingWords
  if (!before.keepsCertificates || after.keepsCertificates) return null
  // The provider was disabled before, so its sessions and tokens have no access.
  return (impact) => endWords({ ...impact, sessions: 0, tokens: 0 })
}

function disablingWords(impact: ProviderImpact): string {
  const { users } = impact
  const closed =
    users === 0
      ? t`No user comes from this provider.`
      : plural(users, { one: 'Disabling refuses # user.', other: 'Disabling refuses # users.' })
  return [closed, endWords(impact)].filter(Boolean).join(' ')
}

/** Empty if nothing ends. */
function endWords({ sessions, tokens, connections, connectionsByBroker }: ProviderImpact): string {
  const ended = [
    ...(connections ? [plural(connections, { one: '# connection', other: '# connections' })] : []),
    ...(sessions ? [plural(sessions, { one: '# session', other: '# sessions' })] : []),
    ...(tokens ? [plural(tokens, { one: '# token', other: '# tokens' })] : []),
  ]
  return [
    ...(ended.length > 0 ? [t`It ends ${formatList(ended)}.`] : []),
    ...(connections === null ? [unknownWords(connectionsByBroker)] : []),
    ...foreseenElsewhere(connectionsByBroker),
  ].join(' ')
}

/** No broker is called about a provider with very many users. */
function unknownWords(connectionsByBroker: ProviderImpact['connectionsByBroker']): string {
  return connectionsByBroker.length === 0
    ? t`The provider has too many users to count the connections that end.`
    : t`The broker did not respond, so the number of connections that end is unknown.`
}
