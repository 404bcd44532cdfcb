/** What ends in a window, asked of a column with the ends of certificates. */
import { boundsOf, type ExpiryWindow } from '@gatehouse/contract/certificates/expiry'
import { type RawBuilder, sql } from 'kysely'

export function endingWithin(column: string, window: ExpiryWindow, now: Date): RawBuilder<boolean> {
  const { from, until } = boundsOf(window, now)
  const ref = sql.ref(column)
  const before = sql<boolean>`${ref} < ${inSeconds(until)}`
  return from === null ? before : sql<boolean>`(${ref} >= ${inSeconds(from)} and ${before})`
}

/** As certificates are dated, and so their columns. */
export function inSeconds(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z')
}
