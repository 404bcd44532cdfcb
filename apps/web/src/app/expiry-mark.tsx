/** A dot in the navigation for the authority that expires first; nothing when none expires soon. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { queryFor } from '../api/queries.ts'
import { useNow } from '../ui/clock.ts'
import { remainingLife } from '../ui/remaining-life.ts'
import classes from './navigation.module.css'

const firstToEnd = queryFor(authorities.list, { search: { sort: 'notAfter', limit: 1 } })
const staleAfterMs = 5 * 60_000

const soon = t`One CA expires soon`
const words = { soon, expiring: soon, urgent: soon, refused: t`One CA has expired` } as const

export function ExpiryMark() {
  const now = useNow()
  const { data } = useQuery({ ...firstToEnd, staleTime: staleAfterMs })
  const first = data?.items[0]
  if (!first) return null
  const { status } = remainingLife(Date.parse(first.notBefore), Date.parse(first.notAfter), now)
  if (status === 'valid' || status === 'off') return null
  return (
    <span className={classes['mark']} data-status={status} title={words[status]}>
      <VisuallyHidden>{words[status]}</VisuallyHidden>
    </span>
  )
}
