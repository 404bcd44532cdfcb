/** Above a list while rows are selected: how many, and what can be done with them. */

import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { formatNumber } from '../messages/format.ts'
import type { Selection } from './selection.ts'
import classes from './selection-bar.module.css'
import { toastError } from './toast.tsx'

interface SelectionBarProps<Row> {
  selection: Selection<Row>
  /** The rows on this page. */
  count: number
  /** Where rows of other pages can be selected too. `total`: null if more match than are counted. */
  matching?: { total: number | null; findAll: () => Promise<Row[]> }
  /** The buttons. */
  children: ReactNode
}

export function SelectionBar<Row>({ selection, count, matching, children }: SelectionBarProps<Row>) {
  const { selected, toggleAll, clear } = selection
  if (selected.length === 0) return null
  return (
    <section aria-label={t`Selected rows`} className={classes['bar']}>
      <output className={classes['count']}>
        <Trans>{formatNumber(selected.length)} selected</Trans>
      </output>
      {children}
      {selected.length < count && (
        <Button size="xs" variant="subtle" onClick={toggleAll}>
          <Trans>Select all {formatNumber(count)}</Trans>
        </Button>
      )}
      {selected.length >= count && matching && <SelectMatching selection={selection} {...matching} />}
      <Button size="xs" variant="subtle" onClick={clear}>
        <Trans>Clear selection</Trans>
      </Button>
    </section>
  )
}

interface SelectMatchingProps<Row> {
  selection: Selection<Row>
  total: number | null
  findAll: () => Promise<Row[]>
}

function SelectMatching<Row>({ selection: { selected, select }, total, findAll }: SelectMatchingProps<Row>) {
  const finding = useMutation({ mutationFn: findAll, onSuccess: select, onError: toastError })
  if (total === null || selected.length >= total) return null
  return (
    <Button size="xs" variant="subtle" loading={finding.isPending} onClick={() => finding.mutate()}>
      <Trans>Select all {formatNumber(total)} that match</Trans>
    </Button>
  )
}
