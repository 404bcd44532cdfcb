/**
 * The one form dialog. It takes the change itself, so that pending, errors, field errors, the guard around unsaved input
 * and closing cannot be forgotten. What is typed is checked with the route's own schema, on the body that will be sent.
 */

import type { Input } from '@gatehouse/contract/client'
import type { Answer, Route } from '@gatehouse/contract/route'
import { Button } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { type ReactNode, useId } from 'react'
import type { Change } from '../api/queries.ts'
import { Dialog, DialogBody, DialogFoot } from './dialog.tsx'
import { useGuardedForm } from './guarded-form.ts'
import type { Version } from './meeting.ts'
import { MeetingPanel } from './meeting-panel.tsx'
import { Problem } from './problem.tsx'

export interface FormDialogProps<Values extends object, R extends Route> {
  title: string
  subtitle?: ReactNode
  /** To the right of the title, such as the switch for *Advanced Mode*. */
  aside?: ReactNode
  /** One sentence in the foot. */
  note?: ReactNode
  /** The same where it depends on the form as it stands, such as what the change will end. */
  renderNote?: (form: UseFormReturnType<Values>) => ReactNode
  width?: 'narrow' | 'wide'
  change: Change<R>
  initialValues: Values
  /** The same as people read it, where that differs: names for ids. */
  readable?: object
  /** What is on the screen, as the input of the route. Paths of field errors are those of its body. */
  toInput: (values: Values) => Input<R>
  /** Fields that are checked at every key, not only when they are left; see `validateInputOnChange` of @mantine/form. */
  checkAsTyped?: string[]
  /** What the button says: "Create", "Update". */
  submit: string
  /** Why nothing can be changed here; the fields are then read-only. */
  readOnly?: string | undefined
  /** Fetches the current version after somebody else changed it; it is then put together with what was typed. */
  onReload?: (() => Promise<Version<Values>>) | undefined
  onDone: (answer: Answer<R>) => void
  onClose: () => void
  children: (form: UseFormReturnType<Values>) => ReactNode
}

export function FormDialog<Values extends object, R extends Route>(props: FormDialogProps<Values, R>) {
  const {
    title,
    subtitle,
    aside,
    note,
    renderNote,
    width = 'wide',
    change,
    submit,
    readOnly,
    onClose,
    children,
  } = props
  const id = useId()
  const { form, send, shownError, save, meeting } = useGuardedForm(props)
  return (
    <Dialog
      title={title}
      subtitle={subtitle}
      aside={aside}
      width={width}
      onClose={onClose}
      footer={
        <DialogFoot note={readOnly ?? renderNote?.(form) ?? note}>
          <Button variant="default" onClick={onClose}>
            {readOnly ? 'Close' : 'Cancel'}
          </Button>
          {!readOnly && (
            <Button type="submit" form={id} loading={change.isPending}>
              {submit}
            </Button>
          )}
        </DialogFoot>
      }
    >
      <form id={id} onSubmit={send(save)} noValidate>
        <DialogBody>
          <Problem error={shownError} />
          {meeting && <MeetingPanel meeting={meeting} form={form} submit={submit} />}
          {children(form)}
        </DialogBody>
      </form>
    </Dialog>
  )
}
