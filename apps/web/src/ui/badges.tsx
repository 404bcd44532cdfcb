/** Small words with one meaning each. */
import type { ReactNode } from 'react'
import classes from './badges.module.css'

export type Status = 'valid' | 'soon' | 'expiring' | 'urgent' | 'refused' | 'off'

/**
 * A state. `valid`: in order; `expiring`: soon not; `refused`: refused or expired; `off`: switched off. `soon`, `expiring` and `urgent`
 * are three stages of one state: an outline, a tint, and full.
 */
export function StatusBadge({ status, children }: { status: Status; children: ReactNode }) {
  return (
    <span className={classes['status']} data-status={status}>
      {children}
    </span>
  )
}

/** A property without a judgement, such as a sign-in method. */
export function Tag({ children }: { children: ReactNode }) {
  return <span className={classes['tag']}>{children}</span>
}

/** What a machine reads: usernames, topics, paths, fingerprints. */
export function Machine({ children }: { children: ReactNode }) {
  return <span className={classes['machine']}>{children}</span>
}
