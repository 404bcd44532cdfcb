/** What was done, in one line; with Undo where it is possible. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { describeError } from '../api/error-words.ts'
import classes from './toast.module.css'

export interface Toast {
  message: string
  undo?: () => Promise<unknown>
}

const shownForMs = 5_000
const undoForMs = 12_000

export function toast({ message, undo }: Toast): void {
  const id: string = notifications.show({
    message: undo ? <Undoable message={message} onUndo={() => takeBack(id, undo)} /> : message,
    autoClose: undo ? undoForMs : shownForMs,
    closeButtonProps: { 'aria-label': t`Dismiss` },
  })
}

/** Shows an error that happened outside of a form, a dialog or a page. */
export function toastError(error: unknown): void {
  const { title, advice } = describeError(error)
  notifications.show({
    title,
    message: advice,
    color: 'red',
    role: 'alert',
    autoClose: undoForMs,
    closeButtonProps: { 'aria-label': t`Dismiss` },
  })
}

async function takeBack(id: string, undo: () => Promise<unknown>): Promise<void> {
  // The button goes with the toast.
  document.getElementById('page')?.focus({ preventScroll: true })
  notifications.hide(id)
  try {
    await undo()
  } catch (error) {
    toastError(error)
  }
}

function Undoable({ message, onUndo }: { message: string; onUndo: () => Promise<void> }) {
  return (
    <div className={classes['undoable']}>
      <span>{message}</span>
      <Button size="compact-sm" variant="subtle" onClick={() => void onUndo()}>
        <Trans>Undo</Trans>
      </Button>
    </div>
  )
}
