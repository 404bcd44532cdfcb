/** Which rows of a list are selected. A row that is no longer on the page is not selected any more. */
import { useState } from 'react'

export interface Selection<Row> {
  selected: readonly Row[]
  isSelected: (row: Row) => boolean
  toggle: (row: Row) => void
  /** All rows of the page, or none. */
  toggleAll: () => void
  clear: () => void
}

export function useSelection<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Selection<Row> {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set())
  const selected = rows.filter((row) => keys.has(keyOf(row)))
  return {
    selected,
    isSelected: (row) => keys.has(keyOf(row)),
    toggle: (row) => {
      const next = new Set(selected.map(keyOf))
      if (!next.delete(keyOf(row))) next.add(keyOf(row))
      setKeys(next)
    },
    toggleAll: () => setKeys(new Set(selected.length === rows.length ? [] : rows.map(keyOf))),
    clear: () => setKeys(new Set()),
  }
}
