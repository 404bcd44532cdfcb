/** The page for errors of a loader or a page. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { Link, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { isRefusal } from '../api/client.ts'
import { describeError, isMissingFile, requestIdOf } from '../api/error-words.ts'
import { whenReachedAgain } from '../api/reachability.ts'
import classes from './error-page.module.css'

export function ErrorPage({ error }: { error: unknown }) {
  const router = useRouter()
  const words = describeError(error)
  const requestId = requestIdOf(error)
  useDocumentTitle(`${words.title} · Gatehouse`)
  // Synchronises with the connection to the server. The console tries the page again; a browser remembers that a file was missing.
  useEffect(() => (isMissingFile(error) ? whenReachedAgain(() => location.reload()) : undefined), [error])
  // The gate already shows the sign-in page.
  if (isRefusal(error, 'not_signed_in')) return null
  return (
    <div className={classes['error']} role="alert">
      <h1>{words.title}</h1>
      <p>{words.advice}</p>
      {requestId && (
        <p>
          <Trans>
            Request <code>{requestId}</code>
          </Trans>
        </p>
      )}
      <div className={classes['ways']}>
        <Button onClick={() => void router.invalidate()}>
          <Trans>Try again</Trans>
        </Button>
        <Link to="/">
          <Trans>Overview</Trans>
        </Link>
      </div>
    </div>
  )
}

export function NotFoundPage() {
  useDocumentTitle(t`Not found · Gatehouse`)
  return (
    <div className={classes['error']}>
      <h1>
        <Trans>Page not found</Trans>
      </h1>
      <p>
        <Trans>Check the address. The page may have moved.</Trans>
      </p>
      <div className={classes['ways']}>
        <Link to="/">
          <Trans>Overview</Trans>
        </Link>
      </div>
    </div>
  )
}
