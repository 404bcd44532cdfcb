/** Two people changed the same thing: what each of them did to it, put together. */

export interface Merged<Values> {
  values: Values
  /** Fields that both set, and not to the same: one's own stands in `values`. */
  conflicts: (keyof Values)[]
}

/** `base`: what both began with. Lists are merged member by member, so that neither loses what it added or took away. */
export function merge<Values extends object>(base: Values, own: Values, theirs: Values): Merged<Values> {
  const values = { ...theirs }
  const conflicts: (keyof Values)[] = []
  for (const field of Object.keys(own) as (keyof Values)[]) {
    if (isSame(own[field], base[field])) continue
    if (Array.isArray(own[field])) {
      values[field] = mergeLists(base[field], own[field], theirs[field]) as Values[typeof field]
      continue
    }
    values[field] = own[field]
    if (!isSame(theirs[field], base[field]) && !isSame(theirs[field], own[field])) conflicts.push(field)
  }
  return { values, conflicts }
}

export function isSame(one: unknown, other: unknown): boolean {
  return idOf(one) === idOf(other)
}

function mergeLists(base: unknown, own: unknown[], theirs: unknown): unknown[] {
  const before = new Map(asList(base).map((member) => [nameOf(member), member]))
  const mine = new Map(own.map((member) => [nameOf(member), member]))
  const after = new Map(asList(theirs).map((member) => [nameOf(member), member]))
  for (const name of before.keys()) if (!mine.has(name)) after.delete(name)
  for (const [name, member] of mine) if (!isSame(member, before.get(name))) after.set(name, member)
  return [...after.values()]
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Of ways to sign in there is one for each method, whatever is demanded of it; all else is what it is. */
function nameOf(member: unknown): string {
  const isNamed = typeof member === 'object' && member !== null && 'method' in member
  return isNamed ? String(member.method) : idOf(member)
}

/** The same for the same, in whatever order its fields were written. */
function idOf(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  )
}
