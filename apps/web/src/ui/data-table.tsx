/**
 * The one table. Its first cell is a link, so every row is reached with the keyboard; a click anywhere on the row does the
 * same. While the next page loads the old one stays. On a phone the rows are stacked.
 */

import type { Page } from '@gatehouse/contract/paging'
import { t } from '@lingui/core/macro'
import { Link, type LinkProps, useRouterState } from '@tanstack/react-router'
import type { MouseEvent, ReactNode } from 'react'
import type { Column, RowAction } from './column.ts'
import classes from './data-table.module.css'
import { NothingFound } from './empty-state.tsx'
import type { ListView } from './list-view.ts'
import { Paging } from './paging.tsx'
import { RowMenu } from './row-menu.tsx'
import { useNavigateTo } from './search-links.ts'
import type { Selection } from './selection.ts'
import { SortChoice } from './sort-choice.tsx'
import { SortHeader } from './sort-header.tsx'

interface DataTableProps<Row> {
  /** What the rows are: names the table. */
  label: string
  page: Omit<Page<Row>, 'total' | 'nextCursor'> & Partial<Page<Row>>
  columns: readonly Column<Row>[]
  keyOf: (row: Row) => string
  /** Where a row leads, usually its page. Undefined: the caller may not see more of it. */
  linkOf?: (row: Row) => LinkProps | undefined
  /** What the row is called, for its menu. */
  nameOf?: (row: Row) => string
  actionsOf?: (row: Row) => readonly RowAction[]
  /** Paler: disabled, withdrawn. */
  isOff?: (row: Row) => boolean
  /** Rows can be selected, for actions on many. */
  selection?: Selection<Row> | undefined
  /** Which columns are hidden, and how high the rows are. */
  view?: ListView
  /** The sort that holds when the URL names none. */
  defaultSort?: string
  /** The rows were filtered: none of them is not the same as an empty list. */
  isFiltered: boolean
  /** Shown instead of a table without rows. */
  empty: ReactNode
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, page, keyOf, actionsOf, selection, view, defaultSort, isFiltered, empty } = props
  const columns = props.columns.filter((column, at) => at === 0 || !view?.isHidden(column))
  const nextCursor = page.nextCursor ?? null
  if (page.items.length === 0) {
    return (
      <>
        {isFiltered ? <NothingFound isPart={nextCursor !== null} /> : empty}
        <Paging nextCursor={nextCursor} />
      </>
    )
  }
  return (
    <Frame>
      <SortChoice columns={columns} defaultSort={defaultSort} />
      <table className={classes['table']} aria-label={label} data-compact={view?.isCompact || undefined}>
        <thead>
          <tr>
            {selection && <SelectAll rows={page.items} selection={selection} />}
            {columns.map((column) => (
              <SortHeader key={column.id} column={column} defaultSort={defaultSort} />
            ))}
            {actionsOf && (
              <th className={classes['menuCell']}>
                <span className={classes['hidden']}>{t`Actions`}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {page.items.map((row) => (
            <Row key={keyOf(row)} row={row} {...props} columns={columns} />
          ))}
        </tbody>
      </table>
      <Paging nextCursor={nextCursor} />
    </Frame>
  )
}

/** Paler while the next page loads. Apart from the rows, which would all be drawn again at the beginning and the end of that. */
function Frame({ children }: { children: ReactNode }) {
  const isPending = useRouterState({ select: (state) => state.isLoading })
  return (
    <div className={classes['frame']} aria-busy={isPending}>
      {children}
    </div>
  )
}

function SelectAll<T>({ rows, selection }: { rows: readonly T[]; selection: Selection<T> }) {
  const { isSelected, toggleAll } = selection
  const count = rows.filter(isSelected).length
  const isPart = count > 0 && count < rows.length
  return (
    <th className={classes['selectCell']}>
      <input
        ref={(box) => {
          if (box) box.indeterminate = isPart
        }}
        type="checkbox"
        aria-label={t`Select all on this page`}
        checked={count === rows.length}
        onChange={toggleAll}
      />
    </th>
  )
}

function Row<T>({ row, columns, linkOf, nameOf, actionsOf, selection, isOff }: DataTableProps<T> & { row: T }) {
  const go = useNavigateTo()
  const link = linkOf?.(row)

  function onClick(event: MouseEvent<HTMLTableRowElement>): void {
    // A click on something that acts for itself, or that ends a selection of text, is not one on the row.
    if (!link || (event.target as Element).closest('a, button, input, [role="menu"]')) return
    if (getSelection()?.isCollapsed === false) return
    event.currentTarget.querySelector('a')?.focus()
    go(link)
  }

  return (
    // The same is reached with the keyboard through the link in the first cell.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <tr
      onClick={onClick}
      data-clickable={link !== undefined || undefined}
      data-off={isOff?.(row) || undefined}
      data-selected={selection?.isSelected(row) || undefined}
    >
      {selection && (
        <td className={classes['selectCell']}>
          <input
            type="checkbox"
            aria-label={t`Select ${nameOf?.(row) ?? ''}`}
            checked={selection.isSelected(row)}
            onChange={() => selection.toggle(row)}
          />
        </td>
      )}
      {columns.map((column, at) => (
        <td
          key={column.id}
          data-header={column.header}
          data-align={column.align}
          className={at === 0 ? classes['first'] : column.wideOnly && classes['wide']}
        >
          {at === 0 && link ? <Link {...link}>{column.cell(row)}</Link> : column.cell(row)}
        </td>
      ))}
      {actionsOf && (
        <td className={classes['menuCell']}>
          <RowMenu name={nameOf?.(row) ?? ''} actions={actionsOf(row)} />
        </td>
      )}
    </tr>
  )
}
