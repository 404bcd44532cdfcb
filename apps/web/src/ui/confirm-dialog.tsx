/** The one dialog that asks before something is done: consequences in numbers first, failure shown inside. */
import { t } from '@lingui/core/macro'
import { Button, Checkbox, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { isRefusal } from '../api/client.ts'
import { formatNumber } from '../messages/format.ts'
import type { Confirmation, Consequence } from './confirm.tsx'
import classes from './confirm-dialog.module.css'
import { Dialog, DialogBody, DialogFoot } from './dialog.tsx'
import type { ModalProps } from './modals.tsx'
import { Problem } from './problem.tsx'
import { toastError } from './toast.tsx'
import { useIsOpen } from './use-is-open.ts'

/** What the server takes, in characters. */
const longestReason = 500

export function ConfirmDialog({ question, settle }: ModalProps<Confirmation, boolean>) {
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const [isOptionChosen, setOptionChosen] = useState(true)
  const isOpen = useIsOpen()
  const { mutateAsync, isPending, error } = useMutation({
    mutationFn: () => question.run(reason.trim(), isOptionChosen),
  })
  const running = useRef<Promise<boolean> | null>(null)
  // The question is about an earlier version. It is asked again from the list, which is the new one by now.
  const isOutdated = isRefusal(error, 'changed_meanwhile')
  // Closing does not end what runs: its outcome is the reply then.
  const close = () => settle(running.current ?? false)

  async function run(): Promise<boolean> {
    try {
      await mutateAsync()
      return true
    } catch (failure) {
      // An open dialog shows it itself.
      if (!isOpen()) toastError(failure)
      return false
    }
  }

  async function start(): Promise<void> {
    running.current = run()
    if (await running.current) settle(true)
    running.current = null
  }
  return (
    <Dialog
      title={question.title}
      onClose={close}
      footer={
        <DialogFoot>
          <Button
            variant="default"
            onClick={close}
            data-autofocus={question.typeName || question.reason ? undefined : true}
          >
            {isPending || isOutdated ? t`Close` : (question.decline ?? t`Cancel`)}
          </Button>
          <Button
            {...(!question.harmless && { color: 'red.8' })}
            loading={isPending}
            disabled={
              isOutdated ||
              (question.typeName !== undefined && typed !== question.typeName) ||
              (question.reason !== undefined && reason.trim() === '')
            }
            onClick={() => void start()}
          >
            {question.action}
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        {question.message && <div>{question.message}</div>}
        {question.consequences && <Consequences of={question.consequences} />}
        {question.notes && question.notes.length > 0 && (
          <ul className={classes['notes']}>
            {question.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
        {question.typeName && (
          <TextInput
            data-autofocus
            label={t`Type ${question.typeName} to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
          />
        )}
        {question.reason && (
          <TextInput
            data-autofocus
            label={question.reason}
            maxLength={longestReason}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            autoComplete="off"
          />
        )}
        {question.option && (
          <Checkbox
            label={question.option}
            checked={isOptionChosen}
            onChange={(event) => setOptionChosen(event.currentTarget.checked)}
          />
        )}
        <Problem error={error} />
      </DialogBody>
    </Dialog>
  )
}

function Consequences({ of }: { of: readonly Consequence[] }) {
  return (
    <ul className={classes['consequences']}>
      {of.map(({ count, what }) => (
        <li key={what}>
          <span className={classes['count']}>{count === null ? t`Unknown:` : formatNumber(count)}</span> {what}
        </li>
      ))}
    </ul>
  )
}
