/** One line for each broker beside the embedded one, above the list of connections that does not contain its clients. */

import { brokers } from '@gatehouse/contract/brokers/brokers'
import { plural, t } from '@lingui/core/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useSession } from '../../api/session.ts'
import { toBroker } from '../../links.ts'
import { StatusBadge } from '../../ui/badges.tsx'
import classes from '../broker.module.css'
import { stateWords } from './broker-words.ts'
import { brokersQuery } from './search.ts'

const everyMs = 5_000

export function OtherBrokers() {
  const { can } = useSession()
  const { data } = useQuery({ ...brokersQuery, refetchInterval: everyMs, enabled: can(brokers.list) })
  const others = (data?.items ?? []).filter(({ kind }) => kind !== 'embedded')
  if (others.length === 0) return null
  return (
    <ul className={classes['listeners']} aria-label={t`Other brokers`}>
      {others.map((broker) => {
        const { status, label } = stateWords(broker)
        return (
          <li key={broker.id}>
            <StatusBadge status={status}>{label}</StatusBadge>{' '}
            <Link {...toBroker(broker.id)} className={classes['link']}>
              {broker.name}
            </Link>{' '}
            {countWords(broker.state.connections)}
          </li>
        )
      })}
    </ul>
  )
}

function countWords(connections: number | null): string {
  if (connections === null) return ''
  return plural(connections, {
    one: '# connection, which is not in the list below.',
    other: '# connections, which are not in the list below.',
  })
}
