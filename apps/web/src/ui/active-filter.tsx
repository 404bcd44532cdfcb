/** One came here from somewhere with a part of the list in mind: which part that is, and the way to all of it. */
import { IconX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import classes from './active-filter.module.css'
import { withSearchReset } from './search-links.ts'

interface ActiveFilterProps {
  /** The parameter of the URL that makes it so. */
  parameter: string
  /** What the cross does. */
  clear: string
  children: ReactNode
}

export function ActiveFilter({ parameter, clear, children }: ActiveFilterProps) {
  return (
    <p className={classes['only']}>
      <span>{children}</span>
      <Link {...withSearchReset({ [parameter]: undefined })} aria-label={clear}>
        <IconX size={14} aria-hidden />
      </Link>
    </p>
  )
}
