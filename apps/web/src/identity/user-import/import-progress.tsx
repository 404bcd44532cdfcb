/** How far the import has come, what the server refused and what can be done about it, and what became of all lines. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { formatNumber } from '../../messages/format.ts'
import { Problem } from '../../ui/problem.tsx'
import { ProgressBar } from '../../ui/progress-bar.tsx'
import { useNavigateTo } from '../../ui/search-links.ts'
import { takeFocus } from '../../ui/take-focus.ts'
import { forgetRun, leaveOutRefused, type Run, stopRun, tryAgain } from './import-run.ts'
import { linesCounted, nothingMadeOf, usersCounted } from './import-words.ts'
import { ProblemLines, SaveLeftOut } from './problem-lines.tsx'
import classes from './user-transfer.module.css'

export function ImportProgress({ run }: { run: Run }) {
  const { phase, source, made, of } = run
  const isOver = phase === 'done' || phase === 'stopped'
  return (
    <div className={classes['giving']}>
      <ProgressBar done={made} of={of}>
        <Trans>
          <strong>{source}</strong>: {formatNumber(made)} of {usersCounted(of)} imported.
        </Trans>
        {phase === 'sending' && <> {t`You can leave this page, but keep the tab open.`}</>}
      </ProgressBar>
      {isOver ? <Result run={run} /> : phase === 'sending' ? <Sending /> : <Stuck run={run} />}
    </div>
  )
}

function Sending() {
  return (
    <div className={classes['buttons']}>
      <Button variant="default" onClick={stopRun}>
        <Trans>Stop</Trans>
      </Button>
    </div>
  )
}

/** The import stopped at a batch. Every batch before it is made. */
function Stuck({ run }: { run: Run }) {
  const { phase, refused, error } = run
  const isRefused = phase === 'refused'
  return (
    <>
      <div role="alert" className={classes['stuck']} ref={takeFocus} tabIndex={-1}>
        {stuckWords(run)}
      </div>
      {isRefused ? (
        <ProblemLines label={t`Refused by the server`} rows={refused} />
      ) : (
        <Problem error={error} advice="" />
      )}
      <div className={classes['buttons']}>
        <Button variant="default" onClick={stopRun}>
          <Trans>Stop here</Trans>
        </Button>
        {isRefused ? (
          <Button onClick={leaveOutRefused}>
            {plural(refused.length, { one: 'Skip # line and continue', other: 'Skip # lines and continue' })}
          </Button>
        ) : (
          <Button onClick={tryAgain}>
            <Trans>Try again</Trans>
          </Button>
        )}
      </div>
    </>
  )
}

function stuckWords({ phase, batch, refused, isBatchUnmade }: Run): string {
  const [first, last] = [batch[0]?.line ?? 0, batch.at(-1)?.line ?? 0]
  if (phase === 'refused') {
    return t`${nothingMadeOf(first, last)} The server refused ${linesCounted(refused.length)} of them. All lines before them were imported.`
  }
  if (isBatchUnmade) return t`${nothingMadeOf(first, last)} All lines before them were imported.`
  return t`It is unknown whether lines ${formatNumber(first)} to ${formatNumber(last)} were imported. Try again: if they were, their names are reported as taken, and you can skip them.`
}

function Result({ run: { phase, made, leftOut, header, source } }: { run: Run }) {
  const go = useNavigateTo()

  function show(): void {
    forgetRun()
    go({ to: '/users' })
  }

  return (
    <>
      <p ref={takeFocus} tabIndex={-1} className={classes['summary']}>
        {phase === 'stopped' && <>{t`Stopped.`} </>}
        {leftOut.length > 0
          ? t`${usersCounted(made)} imported, ${linesCounted(leftOut.length)} skipped.`
          : t`${usersCounted(made)} imported.`}
      </p>
      <ProblemLines label={t`Skipped`} rows={leftOut} />
      <div className={classes['buttons']}>
        <Button variant="default" onClick={forgetRun}>
          <Trans>Import another file</Trans>
        </Button>
        {leftOut.length > 0 && <SaveLeftOut header={header} rows={leftOut} source={source} />}
        <Button onClick={show}>
          <Trans>View users</Trans>
        </Button>
      </div>
    </>
  )
}
