/** What a change changed, field by field, in lines that people read. */
import type { ValueWords } from './value-words.ts'

export interface Line {
  text: string
  /** `same` also where there is nothing to compare with: something was made, or deleted. */
  kind: 'added' | 'removed' | 'same'
}

type Facts = Readonly<Record<string, unknown>>

export interface FieldDifference {
  field: string
  lines: Line[]
  isChanged: boolean
}

/** What changed comes first; within a list, what is there no longer before what is new. */
export function differencesOf(
  { before, after }: { before: Facts | null; after: Facts | null },
  { fieldName, lines: linesOf, fieldsOf }: ValueWords,
): FieldDifference[] {
  const isComparison = before !== null && after !== null
  const [earlier, later] = [new Map(fieldsOf(before ?? {})), new Map(fieldsOf(after ?? {}))]
  const fields = [...new Set([...earlier.keys(), ...later.keys()])]
  const differences = fields.map((field) => {
    const was = linesOf(earlier.get(field), field)
    const is = linesOf(later.get(field), field)
    const lines = isComparison ? compare(was, is) : [...was, ...is].map((text) => ({ text, kind: 'same' as const }))
    return { field: fieldName(field), lines, isChanged: lines.some(({ kind }) => kind !== 'same') }
  })
  return differences.toSorted((a, b) => Number(b.isChanged) - Number(a.isChanged))
}

function compare(was: readonly string[], is: readonly string[]): Line[] {
  return [
    ...was.filter((text) => !is.includes(text)).map((text) => ({ text, kind: 'removed' as const })),
    ...is.filter((text) => !was.includes(text)).map((text) => ({ text, kind: 'added' as const })),
    ...is.filter((text) => was.includes(text)).map((text) => ({ text, kind: 'same' as const })),
  ]
}
