/**
 * Icons that a list repeats in its rows. The shape of each is in the page once, and the rows refer to it: some shapes
 * have ten elements, which fifty rows would repeat.
 */
import type { Icon } from '@tabler/icons-react'
import classes from './row-icon.module.css'

/** The shapes for the rows of a page, by their names. */
export function RowIconShapes({ icons }: { icons: Readonly<Record<string, Icon>> }) {
  return (
    <svg className={classes['shapes']} aria-hidden>
      <defs>
        {Object.entries(icons).map(([name, Shape]) => (
          <Shape key={name} id={idOf(name)} />
        ))}
      </defs>
    </svg>
  )
}

interface RowIconProps {
  /** A name that `RowIconShapes` of this page has. */
  name: string
  /** In pixels. */
  size: number
  /** Without it, the icon only repeats the text beside it. */
  label?: string
}

export function RowIcon({ name, size, label }: RowIconProps) {
  const named = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label }
  return (
    <svg {...named} className={classes['icon']} width={size} height={size} viewBox="0 0 24 24">
      <use href={`#${idOf(name)}`} />
    </svg>
  )
}

function idOf(name: string): string {
  return `row-icon-${name}`
}
