/** Which rows of a list are selected: some of the page, or all that match the filters, on whichever page they are. */
import { useState } from 'react'

export interface Selection<Row> {
  selected: readonly Row[]
  isSelected: (row: Row) => boolean
  toggle: (row: Row) => void
  /** All rows of the page, or none. */
  toggleAll: () => void
  /** Rows of other pages too. They stay selected until the filters change. */
  select: (rows: readonly Row[]) => void
  clear: () => void
}

interface Selected<Row> {
  /** The filters that the rows matched when they were selected. */
  filters: string
  rows: ReadonlyMap<string, Row>
  /** Whether rows of other pages are meant too. */
  isBeyondPage: boolean
}

interface List<Row> {
  rows: readonly Row[]
  keyOf: (row: Row) => string
  /** The filters of the list as text. */
  filters: string
}

/** Without `select`, a row that is no longer on the page is not selected any more. */
export function useSelection<Row>({ rows, keyOf, filters }: List<Row>): Selection<Row> {
  const none: Selected<Row> = { filters, rows: new Map(), isBeyondPage: false }
  const [held, setHeld] = useState(none)
  const { rows: chosen, isBeyondPage } = held.filters === filters ? held : none
  const isSelected = (row: Row) => chosen.has(keyOf(row))
  const onPage = rows.filter(isSelected)
  const elsewhere = isBeyondPage
    ? [...chosen.values()].filter((row) => !rows.some((each) => keyOf(each) === keyOf(row)))
    : []
  const selected = [...onPage, ...elsewhere]

  function hold(next: readonly Row[], beyondPage: boolean): void {
    setHeld({ filters, rows: new Map(next.map((row) => [keyOf(row), row])), isBeyondPage: beyondPage })
  }

  return {
    selected,
    isSelected,
    toggle: (row) => {
      const others = selected.filter((each) => keyOf(each) !== keyOf(row))
      hold(isSelected(row) ? others : [...others, row], isBeyondPage)
    },
    toggleAll: () => hold(onPage.length === rows.length ? [] : rows, false),
    select: (all) => hold(all, true),
    clear: () => setHeld(none),
  }
}
