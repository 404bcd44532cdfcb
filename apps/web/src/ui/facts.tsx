/** Facts about a resource, line by line, with a button for values that are often copied. */
import { t } from '@lingui/core/macro'
import type { ReactNode } from 'react'
import { CopyButton } from './copy-button.tsx'
import classes from './facts.module.css'

export function Facts({ children }: { children: ReactNode }) {
  return <dl className={classes['facts']}>{children}</dl>
}

interface FactProps {
  label: string
  /** What the button copies; none without it. */
  copy?: string | null
  /** Nothing to say: the line is left out. */
  children: ReactNode
}

export function Fact({ label, copy, children }: FactProps) {
  if (children === null || children === undefined || children === '' || children === false) return null
  return (
    <div className={classes['fact']}>
      <dt>{label}</dt>
      <dd>
        <span className={classes['value']}>{children}</span>
        {copy && <CopyButton value={copy} label={t`Copy ${label}`} />}
      </dd>
    </div>
  )
}
