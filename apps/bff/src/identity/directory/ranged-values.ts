/** Attributes with many values. Active Directory sends 1,500 and names the rest by a range (MS-ADTS §3.1.1.3.1.3.3). */
import { type Entry, PresenceFilter } from 'ldapts'
import type { Search } from './connection.ts'
import { valuesOf } from './entry.ts'

/** A person with more is not admitted to roles: the answer would not be complete. */
const maxValues = 20_000

/** All values of the attribute. Null: there are too many, or the directory does not send the rest. */
export async function rangedValues(
  search: (search: Search) => Promise<Entry[]>,
  entry: Entry,
  attribute: string,
): Promise<string[] | null> {
  const values = valuesOf(entry, attribute)
  for (let part = entry; ; ) {
    const range = rangeOf(part, attribute)
    if (!range) return values
    values.push(...valuesOf(part, range.key))
    if (range.isLast) return values
    if (values.length > maxValues) return null
    const attributes = [`${attribute};range=${range.to + 1}-*`]
    const filter = new PresenceFilter({ attribute: 'objectClass' })
    const [next] = await search({ base: entry.dn, scope: 'base', filter, attributes, limit: 1 })
    const nextRange = next && rangeOf(next, attribute)
    // Without progress the loop would not end.
    if (!nextRange || nextRange.to <= range.to) return null
    part = next
  }
}

function rangeOf(entry: Entry, attribute: string): { key: string; to: number; isLast: boolean } | null {
  for (const key of Object.keys(entry)) {
    const found = /^([^;]+);range=\d+-(\d+|\*)$/i.exec(key)
    if (found?.[1]?.toLowerCase() !== attribute.toLowerCase()) continue
    const isLast = found[2] === '*'
    return { key, to: isLast ? Number.POSITIVE_INFINITY : Number(found[2]), isLast }
  }
  return null
}
