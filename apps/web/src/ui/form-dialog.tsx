/** The one dialog around a form of `useRouteForm` or `useEditForm`. */
import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { type ReactNode, useId } from 'react'
import { useIsReached } from '../api/reachability.ts'
import { Dialog, DialogBody, DialogFoot } from './dialog.tsx'
import { EditConflictPanel } from './edit-conflict-panel.tsx'
import { Problem } from './problem.tsx'
import type { RouteForm } from './route-form.ts'

interface FormDialogProps<Values extends object> {
  title: string
  subtitle?: ReactNode
  /** To the right of the title, such as the switch for *Advanced Mode*. */
  aside?: ReactNode
  /** One sentence in the foot. */
  note?: ReactNode
  width?: 'narrow' | 'wide'
  of: RouteForm<Values>
  /** What the button says: "Create", "Save". Null: there is nothing to send yet, and the foot says why. */
  submit: string | null
  /** What it does is hard or impossible to undo: the button is red. */
  isDangerous?: boolean
  children: (form: UseFormReturnType<Values>) => ReactNode
}

export function FormDialog<Values extends object>(props: FormDialogProps<Values>) {
  const { title, subtitle, aside, note, width = 'wide', of, submit, isDangerous = false, children } = props
  const { form, onSubmit, isPending, error, readOnly, onClose, conflict } = of
  const id = useId()
  const canSend = !readOnly && submit !== null
  const isReached = useIsReached()
  return (
    <Dialog
      title={title}
      subtitle={subtitle}
      aside={aside}
      width={width}
      onClose={onClose ?? null}
      footer={
        <DialogFoot note={readOnly ?? (isReached ? note : savingIsPaused)}>
          <Button variant="default" onClick={onClose}>
            {canSend ? t`Cancel` : t`Close`}
          </Button>
          {canSend && (
            <Button
              type="submit"
              form={id}
              loading={isPending}
              disabled={!isReached}
              {...(isDangerous && { color: 'red.8' })}
            >
              {submit}
            </Button>
          )}
        </DialogFoot>
      }
    >
      <form id={id} onSubmit={onSubmit} noValidate>
        <DialogBody>
          <Problem error={error} />
          {conflict && submit !== null && <EditConflictPanel conflict={conflict} form={form} submit={submit} />}
          {children(form)}
        </DialogBody>
      </form>
    </Dialog>
  )
}

const savingIsPaused = t`Saving is paused: the server cannot be reached. What you entered stays here.`
