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

export interface FieldConflict {
  field: string
  /** What the field is called. */
  name: string
  own: Side
  theirs: Side
}

interface Side {
  value: unknown
  /** The value as people read it. */
  lines: string[]
}

export interface EditConflict<Values> {
  /** What the other person changed. */
  differences: FieldDifference[]
  /** What both set, to different values. */
  conflicts: FieldConflict[]
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
      conflicts: conflicts.map((field) => ({
        field,
        name: words.fieldName(field),
        // Of a list, what the other person added stays.
        own: sideOf(valueAt(values, field), field, words),
        theirs: sideOf(valueAt(theirs.values, field), field, words),
      })),
      theirs: theirs.values,
    },
  }
}

function sideOf(value: unknown, field: string, { lines }: ValueWords): Side {
  return { value, lines: lines(value, field) }
}

function readableFields<Values extends object>({ values, readable }: Version<Values>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...values, ...readable }))
}
