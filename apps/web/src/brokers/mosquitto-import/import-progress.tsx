/** How far the import has come, and its result. */
import { type MosquittoImport, mosquittoImports } from '@gatehouse/contract/brokers/mosquitto-import'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { call } from '../../api/client.ts'
import { errorWords } from '../../api/error-words.ts'
import { refreshAfter } from '../../api/invalidation.ts'
import { queryFor } from '../../api/queries.ts'
import { formatNumber } from '../../messages/format.ts'
import { Problem } from '../../ui/problem.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { useNavigateTo } from '../../ui/search-links.ts'
import { takeFocus } from '../../ui/take-focus.ts'
import { forgetImport, isRunning } from './import-run.ts'
import { createdWords } from './import-words.ts'
import classes from './mosquitto-import.module.css'

const everyMs = 1_000

export function ImportProgress({ id, onAgain }: { id: string; onAgain: () => void }) {
  const client = useQueryClient()
  const { data: run, error } = useQuery({
    ...queryFor(mosquittoImports.view, { params: { id } }),
    refetchInterval: ({ state: { data, error: failed } }) => (failed || (data && !isRunning(data)) ? false : everyMs),
  })
  const isDone = run?.state === 'done'
  // The lists of the console are outside: the server made the change, without a call of this page that ends with it.
  useEffect(() => {
    if (isDone) void refreshAfter(client, mosquittoImports.create)
  }, [client, isDone])

  function again(): void {
    forgetImport()
    onAgain()
  }

  if (error) return <Gone error={error} onAgain={again} />
  if (!run) return null
  return isRunning(run) ? <Running run={run} /> : <Ended run={run} onAgain={again} />
}

function Running({ run: { id, state, hashed, passwords } }: { run: MosquittoImport }) {
  const cancelling = useMutation({ mutationFn: () => call(mosquittoImports.cancel, { params: { id } }) })
  return (
    <div className={classes['step']}>
      <ProgressBar done={hashed} of={passwords}>
        {state === 'hashing'
          ? t`${formatNumber(hashed)} of ${formatNumber(passwords)} passwords prepared. You can leave this page.`
          : t`Writing users and roles.`}
      </ProgressBar>
      <Problem error={cancelling.error} />
      <div className={classes['buttons']}>
        <Button variant="default" disabled={state !== 'hashing'} onClick={() => cancelling.mutate()}>
          <Trans>Cancel</Trans>
        </Button>
      </div>
    </div>
  )
}

function Ended({ run, onAgain }: { run: MosquittoImport; onAgain: () => void }) {
  const go = useNavigateTo()
  return (
    <div className={classes['step']}>
      <p ref={takeFocus} tabIndex={-1} className={classes['summary']}>
        {resultWords(run)}
      </p>
      <div className={classes['buttons']}>
        <Button variant="default" onClick={onAgain}>
          <Trans>Import other files</Trans>
        </Button>
        <Button
          onClick={() => {
            onAgain()
            go({ to: '/users' })
          }}
        >
          <Trans>View users</Trans>
        </Button>
      </div>
    </div>
  )
}

function resultWords({ state, created, problem }: MosquittoImport): string {
  if (created) {
    const parts = createdWords(created)
    return t`Imported: ${parts}.`
  }
  if (state === 'cancelled') return t`The import was cancelled. Nothing was imported.`
  return problem ? t`Nothing was imported. ${errorWords[problem].title}` : t`Nothing was imported.`
}

/** The server has forgotten the import, such as after a restart. */
function Gone({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  return (
    <div className={classes['step']}>
      <Problem error={error} advice={t`If the server was restarted during the import, nothing was imported.`} />
      <div className={classes['buttons']}>
        <Button onClick={onAgain}>
          <Trans>Start again</Trans>
        </Button>
      </div>
    </div>
  )
}
