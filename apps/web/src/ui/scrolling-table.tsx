import type { ReactNode } from 'react'
import classes from './scrolling-table.module.css'

/** On a phone it is wider than the page; with the keyboard it is scrolled by its arrows. */
export function ScrollingTable({ label, children }: { label: string; children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached (axe: scrollable-region-focusable)
    <section className={classes['scroll']} aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
