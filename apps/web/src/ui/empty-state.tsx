/** What a list is for, and the first step. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import classes from './empty-state.module.css'
import { withOnly } from './search-links.ts'

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
      title={isPart ? t`No results so far` : t`No results`}
      action={
        <Link {...withOnly({})}>
          <Trans>Clear filters</Trans>
        </Link>
      }
    >
      <Trans>No entry matches your search and filters.</Trans>
    </EmptyState>
  )
}
