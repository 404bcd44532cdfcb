/** A text of a cell, cut at the width of its column on a desk; whole in its title, and on a phone. */
import { Machine } from './badges.tsx'
import classes from './one-line.module.css'

interface OneLineProps {
  /** Read by machines, such as a serial number. */
  isMachine?: boolean
  children: string
}

export function OneLine({ isMachine = false, children }: OneLineProps) {
  return (
    <span className={classes['line']} title={children}>
      {isMachine ? <Machine>{children}</Machine> : children}
    </span>
  )
}
