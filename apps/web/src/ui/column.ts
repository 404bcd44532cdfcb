import type { LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'

export interface Column<Row> {
  /** What the browser remembers a hidden column by, whatever the language. */
  id: string
  header: string
  cell: (row: Row) => ReactNode
  /** The contract's name of the sort, if the list can be sorted by it. */
  sort?: string
  /** CSS width; the rest of the space goes to the columns without one. */
  width?: string
  align?: 'end'
  /** Left out where there is less room than on a desk: tablets and phones. */
  wideOnly?: true
}

/** An entry of a row's menu: goes somewhere or does something, or says why it cannot. */
export interface RowAction {
  label: string
  link?: LinkProps
  onSelect?: () => void
  whyNot?: string | undefined
  dangerous?: true
}
