/** What a list is for, and the first step. */
import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import classes from './empty-state.module.css'

interface EmptyStateProps {
  title: string
  children: ReactNode
  action?: ReactNode
}

export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className={classes['empty']}>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  )
}

/** `isPart`: there is more to look through. */
export function NothingFound({ isPart = false }: { isPart?: boolean }) {
  return (
    <EmptyState
      title={isPart ? 'Nothing matches so far' : 'Nothing matches'}
      action={<Link {...linkWithoutFilters}>Clear the filters</Link>}
    >
      No entry matches what you searched and filtered for.
    </EmptyState>
  )
}

const linkWithoutFilters = { to: '.', search: {} } as LinkProps
