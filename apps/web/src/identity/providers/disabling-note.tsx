/** What ends when the provider is disabled, beside the buttons of its form. */

import type { ProviderImpact } from '@gatehouse/contract/identity/provider-previews'
import { type IdentityProvider, identityProviders } from '@gatehouse/contract/identity/providers'
import { plural, t } from '@lingui/core/macro'
import { useQuery } from '@tanstack/react-query'
import { queryFor } from '../../api/queries.ts'
import { formatList } from '../../messages/format.ts'
import { foreseenElsewhere } from '../../ui/foreseen.ts'
import type { ProviderForm } from './field-parts.tsx'

export function DisablingNote({ provider: { id, enabled }, form }: { provider: IdentityProvider; form: ProviderForm }) {
  const { enabled: staysEnabled, keepsCertificates } = form.values
  const isDisabling = enabled && !staysEnabled
  const { data, isError } = useQuery({
    ...queryFor(identityProviders.impact, { params: { id }, body: { keepsCertificates } }),
    enabled: isDisabling,
  })
  return <output>{isDisabling && sentence()}</output>

  function sentence(): string {
    if (isError) return t`What this ends could not be counted.`
    return data ? disablingWords(data) : t`Counting what this ends…`
  }
}

function disablingWords({ users, sessions, tokens, connections, connectionsByBroker }: ProviderImpact): string {
  const ended = [
    ...(connections ? [plural(connections, { one: '# connection', other: '# connections' })] : []),
    ...(sessions ? [plural(sessions, { one: '# session', other: '# sessions' })] : []),
    ...(tokens ? [plural(tokens, { one: '# token', other: '# tokens' })] : []),
  ]
  const closed =
    users === 0
      ? t`No user comes from this provider.`
      : plural(users, { one: 'Disabling refuses # user.', other: 'Disabling refuses # users.' })
  return [
    closed,
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
