/** How far something has come that takes a while: in words, which are read out as they change, and as a bar. */
import type { ReactNode } from 'react'
import classes from './progress-bar.module.css'

export function ProgressBar({ done, of, children }: { done: number; of: number; children: ReactNode }) {
  return (
    <label className={classes['progress']}>
      <span aria-live="polite">{children}</span>
      <progress value={done} max={Math.max(of, 1)} />
    </label>
  )
}
