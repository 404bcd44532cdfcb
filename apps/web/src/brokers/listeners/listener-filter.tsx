/** Filters a list by the name of a listener. */

import { listeners } from '@gatehouse/contract/brokers/listeners'
import { t } from '@lingui/core/macro'
import { useQuery } from '@tanstack/react-query'
import { useSession } from '../../api/session.ts'
import { ChoiceFilter } from '../../ui/filters.tsx'
import { useParameters } from '../../ui/search-links.ts'
import { listenersQuery } from './search.ts'

/** Clients that connect under `/mqtt` of the console's port. It is not stored as a listener. */
const consoleListener = 'console'

export function ListenerFilter() {
  const { can } = useSession()
  const { listener } = useParameters()
  const { data } = useQuery({ ...listenersQuery, enabled: can(listeners.list) })
  // The one in the URL may have been deleted or renamed since.
  const stored = (data?.items ?? []).map(({ name }) => name)
  const names = new Set([...stored, consoleListener, ...(listener === undefined ? [] : [listener])])
  return (
    <ChoiceFilter
      name="listener"
      label={t`Listener`}
      options={[...names].map((name) => ({ value: name, label: name }))}
    />
  )
}
