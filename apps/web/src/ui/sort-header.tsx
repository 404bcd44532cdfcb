/** The head of a column; where the list can be sorted by it, a link that does so and turns the direction. */
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { Column } from './column.ts'
import classes from './data-table.module.css'
import { useParameters, withSearchReset } from './search-links.ts'

interface SortHeaderProps<Row> {
  column: Column<Row>
  defaultSort: string | undefined
}

export function SortHeader<Row>({ column, defaultSort }: SortHeaderProps<Row>) {
  const { sort = defaultSort } = useParameters()
  const place = {
    style: { width: column.width },
    className: column.wideOnly && classes['wide'],
    'data-align': column.align,
    scope: 'col' as const,
  }
  if (!column.sort) return <th {...place}>{column.header}</th>

  const isAscending = sort === column.sort
  const isDescending = sort === `-${column.sort}`
  const next = isAscending ? `-${column.sort}` : column.sort
  return (
    <th {...place} aria-sort={isAscending ? 'ascending' : isDescending ? 'descending' : 'none'}>
      <Link {...withSearchReset({ sort: next === defaultSort ? undefined : next })} className={classes['sort']}>
        {column.header}
        {isAscending && <IconArrowUp size={13} aria-hidden />}
        {isDescending && <IconArrowDown size={13} aria-hidden />}
      </Link>
    </th>
  )
}
