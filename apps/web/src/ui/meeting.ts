/**
 * Somebody else changed the thing while it was being edited. What they did is taken in, what was typed stays, and nothing is
 * saved before one has seen both and sends it again.
 */
import type { UseFormReturnType } from '@mantine/form'
import { use, useRef, useState } from 'react'
import { differencesOf, type FieldDifference } from './difference.ts'
import { merge, valueAt } from './merge.ts'
import { ValueWordsContext } from './value-words.ts'

/** One version of what a form edits. */
export interface Version<Values> {
  values: Values
  /** The same as people read it, where that differs: names for ids. */
  readable?: object
}

export interface Meeting<Values> {
  /** What they changed. */
  differences: FieldDifference[]
  /** What both set, and not to the same. */
  conflicts: { field: string; own: unknown; theirs: unknown }[]
  theirs: Values
}

interface Options<Values> {
  form: Pick<UseFormReturnType<Values>, 'getValues' | 'setValues' | 'resetDirty' | 'clearErrors'>
  opened: Version<Values>
  onReload: (() => Promise<Version<Values>>) | undefined
}

export function useMeeting<Values extends object>({ form, opened, onReload }: Options<Values>) {
  const words = use(ValueWordsContext)
  const base = useRef(opened)
  const [meeting, setMeeting] = useState<Meeting<Values> | null>(null)
  const [error, setError] = useState<unknown>(null)

  async function meet(): Promise<void> {
    if (!onReload) return
    try {
      takeIn(await onReload())
    } catch (failure) {
      setError(failure)
    }
  }

  function takeIn(theirs: Version<Values>): void {
    const own = form.getValues()
    const { values, conflicts } = merge(base.current.values, own, theirs.values)
    const differences = differencesOf({ before: readable(base.current), after: readable(theirs) }, words)
    base.current = theirs
    form.setValues(values)
    form.resetDirty(theirs.values)
    form.clearErrors()
    setMeeting({
      differences: differences.filter(({ isChanged }) => isChanged),
      conflicts: conflicts.map((field) => ({ field, own: valueAt(own, field), theirs: valueAt(theirs.values, field) })),
      theirs: theirs.values,
    })
  }

  return { meeting, meet, error }
}

function readable<Values extends object>(version: Version<Values>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...version.values, ...version.readable }))
}
