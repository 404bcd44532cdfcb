/**
 * A form that is sent to one route: it checks what is typed with the route's own schema, shows refusals at their fields, refreshes
 * what the change made stale, and asks before unsaved input is left.
 */

import { ApiProblem, type Input } from '@gatehouse/contract/client'
import type { Answer, Route } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { schemaResolver, type UseFormReturnType, useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useBlocker } from '@tanstack/react-router'
import { type SyntheticEvent, useEffect, useRef, useState } from 'react'
import { call, isRefusal } from '../api/client.ts'
import { refreshAfter } from '../api/invalidation.ts'
import { confirm } from './confirm.tsx'
import type { EditConflict } from './edit-conflict.ts'
import { describeField } from './field-words.ts'
import { toastError } from './toast.tsx'
import { useIsOpen } from './use-is-open.ts'

export interface RouteFormOptions<Values extends object, R extends Route, Result = Answer<R>> {
  initialValues: Values
  /** What is on the screen, as the input of the route. Paths of field errors are those of its body. */
  toInput: (values: Values) => Input<R>
  /**
   * Calls the route in another way, such as several times. It may add to the answer what only this browser has. If it throws, it
   * may have changed something before.
   */
  send?: (input: Input<R>, values: Values) => Promise<Result>
  /** Calls the route in place of `call`: once, so that a refusal has changed nothing. */
  sendOnce?: (input: Input<R>) => Promise<Answer<R>>
  /** Paths of the body that `send` fills in, so they are not checked before. */
  filledBySend?: (values: Values) => readonly string[]
  /** Fields that are checked at every key, not only when they are left; see `validateInputOnChange` of @mantine/form. */
  checkAsTyped?: string[]
  /** Why nothing can be changed here; the fields are then read-only. */
  readOnly?: string | undefined
  onDone: (result: Result) => void
  /** After a change that succeeded, and for Cancel. Without it the form stays, as on a page. */
  onClose?: () => void
}

export interface RouteForm<Values extends object> {
  form: UseFormReturnType<Values>
  onSubmit: (event: SyntheticEvent<HTMLFormElement>) => void
  isPending: boolean
  /** The error that no field shows. */
  error: unknown
  readOnly: string | undefined
  onClose: (() => void) | undefined
  /** The change of another person, merged into the form; only where the form edits something. */
  conflict: EditConflict<Values> | null
}

/** For creating, and for changes that have no version. `useEditForm` is for changing what was loaded. */
export function useRouteForm<Values extends object, R extends Route, Result = Answer<R>>(
  route: R,
  options: RouteFormOptions<Values, R, Result>,
): RouteForm<Values> {
  const {
    initialValues,
    toInput,
    sendOnce = (input) => call(route, input),
    filledBySend,
    checkAsTyped = [],
    readOnly,
    onDone,
    onClose,
  } = options
  const client = useQueryClient()
  const isOpen = useIsOpen()
  const isSaved = useRef(false)
  const form = useForm<Values>({
    initialValues,
    validate: (values) => check(route, toInput(values), filledBySend?.(values)),
    validateInputOnBlur: true,
    validateInputOnChange: checkAsTyped,
  })
  const { isPending, error, run } = useSending(save)
  // A form on a page is read more often than changed.
  useBodySchema(route, onClose !== undefined || form.isDirty())

  useBlocker({
    shouldBlockFn: async () => {
      if (isSaved.current || readOnly || !form.isDirty()) return false
      return !(await confirmLeaving())
    },
    enableBeforeUnload: () => !isSaved.current && !readOnly && form.isDirty(),
  })

  async function save(values: Values): Promise<void> {
    try {
      const input = toInput(values)
      // Without `send` the result is the answer itself: the default of the type parameter.
      const result = await (options.send?.(input, values) ?? (sendOnce(input) as Promise<Result>))
      await refreshAfter(client, route)
      isSaved.current = onClose !== undefined
      // Also when the dialog was closed meanwhile: what is shown once would be lost.
      onDone(result)
      if (isOpen()) onClose?.()
    } catch (refusal) {
      if (options.send || isRefusal(refusal, 'changed_meanwhile')) await refreshAfter(client, route)
      if (!isOpen()) return toastError(refusal)
      const fields = fieldErrors(refusal)
      form.setErrors(fields)
      focusFirst(form, fields)
      throw refusal
    }
  }

  return {
    form,
    onSubmit: form.onSubmit(
      (values) => void run(values),
      (errors) => focusFirst(form, errors),
    ),
    isPending,
    error: hasOwnFields(error, initialValues) ? null : error,
    readOnly,
    onClose,
    conflict: null,
  }
}

/** One at a time: the second click of a double click comes before the button knows that it is pending. */
function useSending<Values>(save: (values: Values) => Promise<void>) {
  const isSending = useRef(false)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>(null)

  async function run(values: Values): Promise<void> {
    if (isSending.current) return
    isSending.current = true
    setPending(true)
    setError(null)
    try {
      await save(values)
    } catch (failure) {
      setError(failure)
    } finally {
      isSending.current = false
      setPending(false)
    }
  }

  return { isPending, error, run }
}

function confirmLeaving(): Promise<boolean> {
  return confirm({
    title: t`Leave without saving?`,
    message: t`Your changes will be lost.`,
    action: t`Leave`,
    decline: t`Keep editing`,
    run: () => Promise.resolve(),
  })
}

type Schema = NonNullable<Route['body']>
const loaded = new WeakMap<Route, Schema>()

/** The build puts the schemas of bodies into files of their own (`vite/contract-for-browser.ts`). Until one is there, the server checks. */
function useBodySchema(route: Route, isNeeded: boolean): void {
  // Synchronises with the file of the schema.
  useEffect(() => {
    const load = route.body as Schema | (() => Promise<Schema>) | undefined
    if (!isNeeded || typeof load !== 'function') return
    void load().then(
      (schema) => loaded.set(route, schema),
      () => {},
    )
  }, [route, isNeeded])
}

/** Checks the body that would be sent with the route's own schema. */
function check(route: Route, input: unknown, unchecked: readonly string[] = []): Record<string, string> {
  const schema = typeof (route.body as unknown) === 'function' ? loaded.get(route) : route.body
  if (!schema) return {}
  const { body } = input as { body: unknown }
  const codes = schemaResolver(schema, { sync: true })(body)
  return Object.fromEntries(
    Object.entries(codes)
      .filter(([path]) => !unchecked.includes(path))
      .map(([path, code]) => [path, describeField(isEmptyAt(body, path) ? 'required' : code)]),
  )
}

/** An empty field is missing before it is too short or malformed. */
function isEmptyAt(body: unknown, path: string): boolean {
  const value = path
    .split('.')
    .reduce<unknown>((within, key) => (within as Record<string, unknown> | null)?.[key], body)
  return value === '' || value === undefined
}

/** What a refusal says about fields, for `form.setErrors`. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiProblem)) return {}
  return Object.fromEntries(Object.entries(error.fields).map(([path, code]) => [path, describeField(code)]))
}

/** True when every error stands at a field of this form, so that none is repeated above it. */
function hasOwnFields(error: unknown, values: object): boolean {
  const paths = Object.keys(fieldErrors(error))
  return paths.length > 0 && paths.every((path) => (path.split('.')[0] ?? '') in values)
}

function focusFirst<Values extends object>(form: UseFormReturnType<Values>, errors: object): void {
  const [first] = Object.keys(errors)
  if (first) form.getInputNode(first)?.focus()
}
