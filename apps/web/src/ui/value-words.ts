/** How fields and their values are written for people, wherever two versions of a thing are compared. */
import { createContext } from 'react'

export interface ValueWords {
  /** The name of a field; a path such as `password.min` for a field within a group. */
  fieldName: (field: string) => string
  /** The value of a field as lines: one for each member of a list, none where there is no value. */
  lines: (value: unknown, field: string) => string[]
  /** The fields to compare, groups resolved into paths. */
  fieldsOf: (facts: object) => [path: string, value: unknown][]
}

const plainWords: ValueWords = {
  fieldName: (field) => field,
  lines: (value) => (value === null || value === undefined ? [] : [JSON.stringify(value)]),
  fieldsOf: (facts) => Object.entries(facts),
}

/** The application provides its own words around its pages; `ui` knows no field and no domain. They are loaded when two versions meet. */
export const ValueWordsContext = createContext<() => Promise<ValueWords>>(() => Promise.resolve(plainWords))
