/** On a phone the rows are stacked, and there are no heads of columns to sort by: a field instead. */
import { t } from '@lingui/core/macro'
import { NativeSelect } from '@mantine/core'
import type { Column } from './column.ts'
import classes from './data-table.module.css'
import { useNavigateTo, useParameters, withSearchReset } from './search-links.ts'

interface SortChoiceProps<Row> {
  columns: readonly Column<Row>[]
  defaultSort: string | undefined
}

export function SortChoice<Row>({ columns, defaultSort }: SortChoiceProps<Row>) {
  const { sort = defaultSort } = useParameters()
  const go = useNavigateTo()
  const options = columns.flatMap(({ header, sort: name }) =>
    name === undefined
      ? []
      : [
          { value: name, label: t`${header}, ascending` },
          { value: `-${name}`, label: t`${header}, descending` },
        ],
  )
  if (options.length === 0) return null
  return (
    <NativeSelect
      className={classes['sortChoice']}
      label={t`Sorted by`}
      data={options}
      value={sort}
      onChange={({ currentTarget: { value } }) =>
        go(withSearchReset({ sort: value === defaultSort ? undefined : value }))
      }
    />
  )
}
