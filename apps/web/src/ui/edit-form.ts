/**
 * The one way to edit a resource: `useEditForm` loads it, sends `If-Match` with the version that the server gave, merges the change
 * of another person when the server refuses with `changed_meanwhile` (412), and holds the new version afterwards.
 */
import type { Input } from '@gatehouse/contract/client'
import type { Answer, Route } from '@gatehouse/contract/route'
import { type UseSuspenseQueryOptions, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { use, useRef, useState } from 'react'
import { call, isRefusal } from '../api/client.ts'
import { type EditConflict, mergeVersions, type Version } from './edit-conflict.ts'
import { type RouteForm, type RouteFormOptions, useRouteForm } from './route-form.ts'
import { ValueWordsContext } from './value-words.ts'

interface Versioned {
  version: number
}

export interface EditFormOptions<Resource, Values extends object, R extends Route>
  extends Pick<RouteFormOptions<Values, R>, 'checkAsTyped' | 'readOnly' | 'onDone' | 'onClose'> {
  toValues: (resource: Resource) => Values
  /** The same as people read it, where that differs: names for ids. */
  toReadable?: (resource: Resource) => object
  /** The input of the route, without the version. */
  toInput: (values: Values) => Omit<Input<R>, 'ifMatch'>
}

export interface EditForm<Resource, Values extends object> extends RouteForm<Values> {
  /** The version that the form began with, or merged last: a refetch in the background does not change it. */
  held: Resource
  /** What the server has now: for everything beside the form. */
  current: Resource
  /** After another change of one's own: loads the new version and merges it, so that the form can be saved. */
  refresh: () => Promise<void>
}

/** `query` answers with the resource, `route` changes it. */
export function useEditForm<Resource extends Versioned, Values extends object, R extends Route>(
  query: UseSuspenseQueryOptions<Resource>,
  route: R,
  options: EditFormOptions<Resource, Values, R>,
): EditForm<Resource, Values> {
  const { toValues, toReadable, toInput, onDone, ...others } = options
  const client = useQueryClient()
  const loadWords = use(ValueWordsContext)
  const { data: current, refetch } = useSuspenseQuery(query)
  const [held, setHeld] = useState(current)
  // Read when the form is sent, which can be before the next render.
  const heldNow = useRef(current)
  const [conflict, setConflict] = useState<EditConflict<Values> | null>(null)

  const routeForm = useRouteForm<Values, R>(route, {
    ...others,
    initialValues: toValues(held),
    toInput: (values) => ({ ...toInput(values), ifMatch: heldNow.current.version }) as Input<R>,
    sendOnce: sendAndMerge,
    onDone: (answer) => {
      onDone(answer)
      if (!options.onClose) startAnew()
    },
  })
  const { form } = routeForm

  async function sendAndMerge(input: Input<R>): Promise<Answer<R>> {
    try {
      return await call(route, input)
    } catch (refusal) {
      if (isRefusal(refusal, 'changed_meanwhile')) setConflict(await merge())
      throw refusal
    }
  }

  async function refresh(): Promise<void> {
    const found = await merge()
    if (found.differences.length > 0) setConflict(found)
  }

  async function merge(): Promise<EditConflict<Values>> {
    const [words, { data: theirs }] = await Promise.all([loadWords(), refetch({ throwOnError: true })])
    if (theirs === undefined) throw new Error('The refetch succeeded without data')
    const merged = mergeVersions(
      { base: versionOf(heldNow.current), own: form.getValues(), theirs: versionOf(theirs) },
      words,
    )
    hold(theirs)
    form.setValues(merged.values)
    form.resetDirty(toValues(theirs))
    form.clearErrors()
    return merged.conflict
  }

  /** A form that stays begins with what was saved, which is in the cache by now. */
  function startAnew(): void {
    const saved = client.getQueryData<Resource>(query.queryKey) ?? heldNow.current
    hold(saved)
    form.setValues(toValues(saved))
    form.resetDirty(toValues(saved))
    setConflict(null)
  }

  function hold(resource: Resource): void {
    heldNow.current = resource
    setHeld(resource)
  }

  function versionOf(resource: Resource): Version<Values> {
    return { values: toValues(resource), ...(toReadable && { readable: toReadable(resource) }) }
  }

  return {
    ...routeForm,
    // The panel says it already.
    error: conflict && isRefusal(routeForm.error, 'changed_meanwhile') ? null : routeForm.error,
    conflict,
    held,
    current,
    refresh,
  }
}
