/** An error where it happened: in a form, in a dialog. What happened, what was kept, what to do, and the request's number. */
import { Trans } from '@lingui/react/macro'
import { Alert, Button } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { describeError, requestIdOf } from '../api/error-words.ts'
import classes from './problem.module.css'

interface ProblemProps {
  error: unknown
  /** Takes the place of the advice, where the page knows better. */
  advice?: string | undefined
  action?: { label: string; run: () => void } | undefined
}

export function Problem({ error, advice, action }: ProblemProps) {
  if (!error) return null
  const words = describeError(error)
  const requestId = requestIdOf(error)
  return (
    <Alert
      role="alert"
      color="red"
      icon={<IconAlertTriangle size={16} aria-hidden />}
      title={words.title}
      classNames={classes}
    >
      {advice ?? words.advice}
      {requestId && (
        <div className={classes['request']}>
          <Trans>Request {requestId}</Trans>
        </div>
      )}
      {action && (
        <Button size="xs" variant="default" mt={8} onClick={action.run}>
          {action.label}
        </Button>
      )}
    </Alert>
  )
}
