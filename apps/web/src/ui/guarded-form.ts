/** The behaviour of the form dialog: checking, sending, field errors, and the guard around unsaved input. */

import { ApiProblem } from '@gatehouse/contract/client'
import type { Route } from '@gatehouse/contract/route'
import { schemaResolver, type UseFormReturnType, useForm } from '@mantine/form'
import { useBlocker } from '@tanstack/react-router'
import { type SyntheticEvent, useRef } from 'react'
import { isRefusal } from '../api/client.ts'
import { confirm } from './confirm.tsx'
import { describeField } from './field-words.ts'
import type { FormDialogProps } from './form-dialog.tsx'
import { type Meeting, useMeeting } from './meeting.ts'
import { toastError } from './toast.tsx'
import { useIsOpen } from './use-is-open.ts'

type Options<Values extends object, R extends Route> = Pick<
  FormDialogProps<Values, R>,
  'change' | 'initialValues' | 'readable' | 'toInput' | 'checkAsTyped' | 'readOnly' | 'onReload' | 'onDone' | 'onClose'
>

export interface GuardedForm<Values extends object> {
  form: UseFormReturnType<Values>
  send: (save: (values: Values) => void) => (event: SyntheticEvent<HTMLFormElement>) => void
  save: (values: Values) => void
  /** The error that no field shows. */
  shownError: unknown
  /** Somebody else's change, taken in. */
  meeting: Meeting<Values> | null
}

export function useGuardedForm<Values extends object, R extends Route>(
  options: Options<Values, R>,
): GuardedForm<Values> {
  const {
    change,
    initialValues,
    readable = {},
    toInput,
    checkAsTyped = [],
    readOnly,
    onReload,
    onDone,
    onClose,
  } = options
  const saved = useRef(false)
  // The second click of a double click comes before the button knows that it is pending.
  const isSending = useRef(false)
  const isOpen = useIsOpen()
  const form = useForm<Values>({
    initialValues,
    validate: (values) => check(change.route, toInput(values)),
    validateInputOnBlur: true,
    validateInputOnChange: checkAsTyped,
  })
  const {
    meeting,
    meet,
    error: reloadError,
  } = useMeeting({ form, opened: { values: initialValues, readable }, onReload })

  useBlocker({
    shouldBlockFn: async () => {
      if (saved.current || readOnly || !form.isDirty()) return false
      return !(await confirmLeaving())
    },
    enableBeforeUnload: () => !saved.current && !readOnly && form.isDirty(),
  })

  async function send(values: Values): Promise<void> {
    if (isSending.current) return
    isSending.current = true
    try {
      const answer = await change.mutateAsync(toInput(values))
      saved.current = true
      // Whoever closed the dialog meanwhile is told as well: what is shown once would be lost.
      onDone(answer)
      if (isOpen()) onClose()
    } catch (error) {
      if (isOpen()) fail(error)
      else toastError(error)
    } finally {
      isSending.current = false
    }
  }

  function fail(error: unknown): void {
    if (isRefusal(error, 'changed_meanwhile')) void meet()
    const fields = fieldErrors(error)
    form.setErrors(fields)
    focusFirst(form, fields)
  }

  function shownErrorOf(error: unknown): unknown {
    // What they changed says it already.
    if (meeting && isRefusal(error, 'changed_meanwhile')) return null
    return hasOwnFields(error, initialValues) ? null : error
  }

  return {
    form,
    save: (values) => void send(values),
    send: (saveValues) => form.onSubmit(saveValues, (errors) => focusFirst(form, errors)),
    shownError: reloadError ?? shownErrorOf(change.error),
    meeting,
  }
}

function confirmLeaving(): Promise<boolean> {
  return confirm({
    title: 'Leave without saving?',
    message: 'What you have entered here is lost.',
    action: 'Leave',
    decline: 'Keep editing',
    run: () => Promise.resolve(),
  })
}

/** Checks the body that would be sent with the route's own schema. */
function check(route: Route, input: unknown): Record<string, string> {
  if (!route.body) return {}
  const { body } = input as { body: unknown }
  const codes = schemaResolver(route.body, { sync: true })(body)
  return Object.fromEntries(
    Object.entries(codes).map(([path, code]) => [path, describeField(isEmptyAt(body, path) ? 'required' : code)]),
  )
}

/** An empty field is missing before it is too short or malformed. */
function isEmptyAt(body: unknown, path: string): boolean {
  const value = path
    .split('.')
    .reduce<unknown>((within, key) => (within as Record<string, unknown> | null)?.[key], body)
  return value === '' || value === undefined
}

function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiProblem)) return {}
  return Object.fromEntries(Object.entries(error.fields).map(([path, code]) => [path, describeField(code)]))
}

/** Never twice: when every error stands at a field of this form, none stands above it. */
function hasOwnFields(error: unknown, values: object): boolean {
  const paths = Object.keys(fieldErrors(error))
  return paths.length > 0 && paths.every((path) => (path.split('.')[0] ?? '') in values)
}

function focusFirst<Values extends object>(form: UseFormReturnType<Values>, errors: object): void {
  const [first] = Object.keys(errors)
  if (first) form.getInputNode(first)?.focus()
}
