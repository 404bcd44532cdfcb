/** A three-way merge for two people who changed the same resource. */

export interface Merged<Values> {
  values: Values
  /** Paths of fields, or of lists with a member, that both set to different values: `values` has the own one. */
  conflicts: string[]
}

/** `base`: what both began with. Groups are merged field by field, lists member by member: neither loses what it did. */
export function merge<Values extends object>(base: Values, own: Values, theirs: Values): Merged<Values> {
  const values = { ...theirs }
  const conflicts: string[] = []
  for (const field of Object.keys(own) as (keyof Values & string)[]) {
    const [before, mine, after] = [base[field], own[field], theirs[field]]
    if (isSame(mine, before)) continue
    if (Array.isArray(mine)) {
      const { members, isConflict } = mergeLists(before, mine, after)
      values[field] = members as Values[typeof field]
      if (isConflict) conflicts.push(field)
    } else if (isGroup(before) && isGroup(mine) && isGroup(after)) {
      const within = merge<object>(before, mine, after)
      values[field] = within.values as Values[typeof field]
      conflicts.push(...within.conflicts.map((path) => `${field}.${path}`))
    } else {
      values[field] = mine
      if (!isSame(after, before) && !isSame(after, mine)) conflicts.push(field)
    }
  }
  return { values, conflicts }
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What stands at a path such as `password.min`. */
export function valueAt(values: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((within, key) => (isGroup(within) ? Reflect.get(within, key) : undefined), values)
}

export function isSame(one: unknown, other: unknown): boolean {
  return idOf(one) === idOf(other)
}

/** A conflict: both changed the same member, or one changed what the other removed. */
function mergeLists(base: unknown, own: unknown[], theirs: unknown): { members: unknown[]; isConflict: boolean } {
  const before = new Map(asList(base).map((member) => [nameOf(member), member]))
  const mine = new Map(own.map((member) => [nameOf(member), member]))
  const after = new Map(asList(theirs).map((member) => [nameOf(member), member]))
  const merged = new Map(after)
  let isConflict = false
  for (const name of new Set([...before.keys(), ...mine.keys()])) {
    const [was, member, other] = [before.get(name), mine.get(name), after.get(name)]
    if (isSame(member, was)) continue
    if (member === undefined) merged.delete(name)
    else merged.set(name, member)
    isConflict ||= !isSame(other, was) && !isSame(other, member)
  }
  return { members: [...merged.values()], isConflict }
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Grants are compared by method; every other member by its whole value. */
function nameOf(member: unknown): string {
  const isNamed = typeof member === 'object' && member !== null && 'method' in member
  return isNamed ? String(member.method) : idOf(member)
}

/** The same text for equal values, whatever the order of their fields. */
function idOf(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  )
}
