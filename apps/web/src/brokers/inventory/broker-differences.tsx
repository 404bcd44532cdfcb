/** Said where an administrator decides: what brokers beside the embedded one cannot do, and which of them are away. */

import { brokers } from '@gatehouse/contract/brokers/brokers'
import { t } from '@lingui/core/macro'
import { useQuery } from '@tanstack/react-query'
import { useSession } from '../../api/session.ts'
import classes from './brokers.module.css'
import { type Decided, differenceWords } from './capability-words.ts'
import { brokersQuery } from './search.ts'

/** The state may be that old: the dialog says what the change meets, and the toast afterwards what it met. */
const staleTime = 30_000

export function BrokerDifferences({ decided }: { decided: readonly Decided[] }) {
  const { can } = useSession()
  const { data } = useQuery({ ...brokersQuery, staleTime, enabled: can(brokers.list) && decided.length > 0 })
  const others = (data?.items ?? []).filter(({ kind }) => kind !== 'embedded')
  const sentences = differenceWords(others, decided)
  if (decided.length === 0 || sentences.length === 0) return null
  return (
    <ul className={classes['differences']} aria-label={t`Other brokers`}>
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  )
}
