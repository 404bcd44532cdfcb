/** The one dialog that asks before something is done: consequences in numbers first, failure shown inside. */
import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import classes from './confirm.module.css'
import { Dialog, DialogBody, DialogFoot } from './dialog.tsx'
import { dialogSlot, type OpenDialog } from './dialog-slot.ts'
import { Problem } from './problem.tsx'
import { toastError } from './toast.tsx'

export interface Consequence {
  /** `null`: it could not be counted. */
  count: number | null
  one: string
  many: string
}

export interface Confirmation {
  title: string
  message?: ReactNode
  consequences?: readonly Consequence[]
  /** What the button says. */
  action: string
  /** What the other one says: "Cancel". */
  decline?: string
  /** Harmless things get the ordinary button. */
  harmless?: true
  /** Must be typed before the button works: for what reaches far. */
  typeName?: string | undefined
  /** Asks for a reason, under this label; the button works when there is one. */
  reason?: string
  run: (reason: string) => Promise<unknown>
}

/** What the server takes, in characters. */
const longestReason = 500

const slot = dialogSlot<Confirmation, boolean>()

/** Asks, then runs. Answers whether it was done. */
export function confirm(confirmation: Confirmation): Promise<boolean> {
  return slot.open(confirmation)
}

/** Asks once the consequences have been looked up; when that fails, says so and asks nothing. */
export async function confirmWith(load: () => Promise<Confirmation>): Promise<boolean> {
  try {
    return await slot.open(await load())
  } catch (error) {
    toastError(error)
    return false
  }
}

/** Mounted once, by the shell. */
export function ConfirmDialog() {
  const open = slot.useOpen()
  return open && <Confirm key={open.id} {...open} />
}

function Confirm({ question, settle }: OpenDialog<Confirmation, boolean>) {
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => question.run(reason.trim()),
    onSuccess: () => settle(true),
  })
  const close = () => settle(false)
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
            {question.decline ?? 'Cancel'}
          </Button>
          <Button
            {...(!question.harmless && { color: 'red.8' })}
            loading={isPending}
            disabled={
              (question.typeName !== undefined && typed !== question.typeName) ||
              (question.reason !== undefined && reason.trim() === '')
            }
            onClick={() => mutate()}
          >
            {question.action}
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        {question.message && <div>{question.message}</div>}
        {question.consequences && <Consequences of={question.consequences} />}
        {question.typeName && (
          <TextInput
            data-autofocus
            label={`Type ${question.typeName} to confirm`}
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
        <Problem error={error} />
      </DialogBody>
    </Dialog>
  )
}

function Consequences({ of }: { of: readonly Consequence[] }) {
  return (
    <ul className={classes['consequences']}>
      {of.map(({ count, one, many }) => (
        <li key={many}>
          <span className={classes['count']}>{count === null ? 'Unknown:' : count.toLocaleString('en')}</span>{' '}
          {count === 1 ? one : many}
        </li>
      ))}
    </ul>
  )
}
