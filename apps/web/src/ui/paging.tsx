/**
 * Next and Previous. The server pages by key, so there are no page numbers; the cursors of the pages before this one
 * travel in the history, and whoever opens a shared link in the middle gets the way to the first page instead.
 */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Link, type LinkProps, linkOptions, useLocation } from '@tanstack/react-router'
import classes from './paging.module.css'
import { useParameters } from './search-links.ts'

export function Paging({ nextCursor }: { nextCursor: string | null }) {
  const { cursor } = useParameters()
  const before = useLocation({ select: (location) => location.state.before }) ?? []
  if (!cursor && !nextCursor) return null
  return (
    <nav className={classes['paging']} aria-label={t`Pagination`}>
      {cursor && (
        <Link {...pageAt(before.at(-1) ?? '', before.slice(0, -1))}>
          {before.length > 0 ? t`Previous` : t`First page`}
        </Link>
      )}
      {nextCursor && (
        <Link {...pageAt(nextCursor, [...before, cursor ?? ''])}>
          <Trans>Next</Trans>
        </Link>
      )}
    </nav>
  )
}

function pageAt(cursor: string, before: string[]): LinkProps {
  return linkOptions({
    to: '.',
    search: (now) => ({ ...now, cursor: cursor || undefined }),
    state: { before },
    resetScroll: true,
  })
}
