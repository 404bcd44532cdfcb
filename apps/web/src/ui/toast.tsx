/** What was done, in one line; with Undo where it is possible, or with what most people do next. */
import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { LinkProps } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { describeError } from '../api/error-words.ts'
import { useNavigateTo } from './search-links.ts'
import classes from './toast.module.css'

export interface Toast {
  message: string
  undo?: () => Promise<unknown>
  next?: readonly (NextStep | false)[]
}

/** A link, or something that opens in front of the page. */
export type NextStep = { label: string } & ({ link: LinkProps } | { run: () => void })

let lastToast = 0

const shownForMs = 5_000
const actionForMs = 12_000

export function toast({ message, undo, next = [] }: Toast): void {
  const steps = next.filter((step) => step !== false)
  const hasAction = undo !== undefined || steps.length > 0
  const id = `toast ${++lastToast}`
  notifications.show({
    id,
    message: hasAction ? (
      <Actions message={message}>
        {undo && <Action label={t`Undo`} onTake={() => void takeBack(id, undo)} />}
        {steps.map((step) => (
          <Next key={step.label} step={step} id={id} />
        ))}
      </Actions>
    ) : (
      message
    ),
    autoClose: hasAction ? actionForMs : shownForMs,
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
    autoClose: actionForMs,
    closeButtonProps: { 'aria-label': t`Dismiss` },
  })
}

async function takeBack(id: string, undo: () => Promise<unknown>): Promise<void> {
  hide(id)
  try {
    await undo()
  } catch (error) {
    toastError(error)
  }
}

/** The button goes with the toast, so the focus goes to the page. */
function hide(id: string): void {
  document.getElementById('page')?.focus({ preventScroll: true })
  notifications.hide(id)
}

function Actions({ message, children }: { message: string; children: ReactNode }) {
  return (
    <div className={classes['message']}>
      <span>{message}</span>
      <span className={classes['actions']}>{children}</span>
    </div>
  )
}

function Next({ step, id }: { step: NextStep; id: string }) {
  const go = useNavigateTo()
  return (
    <Action
      label={step.label}
      onTake={() => {
        hide(id)
        if ('link' in step) go(step.link)
        else step.run()
      }}
    />
  )
}

function Action({ label, onTake }: { label: string; onTake: () => void }) {
  return (
    <Button size="compact-sm" variant="subtle" onClick={onTake}>
      {label}
    </Button>
  )
}
