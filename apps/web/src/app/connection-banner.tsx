/** While the server cannot be reached: what that means for this page. When it answers again, the page is brought up to date. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { probe, useIsReached, useReachability, whenReachedAgain } from '../api/reachability.ts'
import { formatTimeOfDay } from '../messages/format.ts'
import { toast } from '../ui/toast.tsx'
import classes from './connection-banner.module.css'

export function ConnectionBanner() {
  const isReached = useIsReached()
  useRecovery()
  return <output className={classes['place']}>{!isReached && <Unreached />}</output>
}

function Unreached() {
  const { state, reachedAt } = useReachability()
  useStaleColours()
  const at = formatTimeOfDay(reachedAt)
  return (
    <div className={classes['banner']}>
      <p>
        <strong>{state === 'offline' ? t`You are offline.` : t`The server does not answer.`}</strong>{' '}
        <Trans>
          This page shows what was known at {at}. Saving is paused: nothing is sent, and what you entered stays. The
          console tries again by itself.
        </Trans>
      </p>
      <Button size="compact-sm" variant="default" onClick={() => void probe()}>
        <Trans>Try now</Trans>
      </Button>
    </div>
  )
}

/** What is green, such as a listener that listens, is only known to have been so: `theme.css` makes it grey. */
function useStaleColours(): void {
  // Synchronises with the root of the document, because dialogs stand outside of the page.
  useEffect(() => {
    document.documentElement.toggleAttribute('data-stale', true)
    return () => document.documentElement.removeAttribute('data-stale')
  }, [])
}

function useRecovery(): void {
  const client = useQueryClient()
  const router = useRouter()
  // Synchronises with the connection to the server.
  useEffect(
    () =>
      whenReachedAgain(() => {
        void Promise.all([client.invalidateQueries(), router.invalidate()]).then(() =>
          toast({ message: t`Connected again. The page is up to date.` }),
        )
      }),
    [client, router],
  )
}
