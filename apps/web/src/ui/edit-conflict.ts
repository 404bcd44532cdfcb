/**
 * Another person changed the resource while it was being edited. Their change is merged into the form, what was typed stays, and
 * nothing is saved before the person has seen both and sends the form again.
 */
import { differencesOf, type FieldDifference } from './difference.ts'
import { merge, valueAt } from './merge.ts'
import type { ValueWords } from './value-words.ts'

/** One version of what a form edits. */
export interface Version<Values> {
  values: Values
  /** The same as people read it, where that differs: names for ids. */
  readable?: object
}

export interface EditConflict<Values> {
  /** What the other person changed. */
  differences: FieldDifference[]
  /** What both set, to different values. */
  conflicts: { field: string; own: unknown; theirs: unknown }[]
  theirs: Values
}

interface Versions<Values> {
  base: Version<Values>
  own: Values
  theirs: Version<Values>
}

/** The values for the form, and what to show above them. */
export function mergeVersions<Values extends object>(
  { base, own, theirs }: Versions<Values>,
  words: ValueWords,
): { values: Values; conflict: EditConflict<Values> } {
  const { values, conflicts } = merge(base.values, own, theirs.values)
  const differences = differencesOf({ before: readableFields(base), after: readableFields(theirs) }, words)
  return {
    values,
    conflict: {
      differences: differences.filter(({ isChanged }) => isChanged),
      conflicts: conflicts.map((field) => ({ field, own: valueAt(own, field), theirs: valueAt(theirs.values, field) })),
      theirs: theirs.values,
    },
  }
}

function readableFields<Values extends object>({ values, readable }: Version<Values>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...values, ...readable }))
}
