/** Above a list while rows are selected: how many, and what can be done with them. */

import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { formatNumber } from '../messages/format.ts'
import type { Selection } from './selection.ts'
import classes from './selection-bar.module.css'

interface SelectionBarProps<Row> {
  selection: Selection<Row>
  /** The rows on this page. */
  count: number
  /** The buttons. */
  children: ReactNode
}

export function SelectionBar<Row>({ selection, count, children }: SelectionBarProps<Row>) {
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
      <Button size="xs" variant="subtle" onClick={clear}>
        <Trans>Clear selection</Trans>
      </Button>
    </section>
  )
}
