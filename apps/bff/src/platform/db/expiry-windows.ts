/** A condition on a column of expiry times: ends within this window. */
import { boundsOf, type ExpiryWindow } from '@gatehouse/contract/certificates/expiry'
import { type RawBuilder, sql } from 'kysely'

export function endingWithin(column: string, window: ExpiryWindow, now: Date): RawBuilder<boolean> {
  const { from, until } = boundsOf(window, now)
  const ref = sql.ref(column)
  const before = sql<boolean>`${ref} < ${inSeconds(until)}`
  return from === null ? before : sql<boolean>`(${ref} >= ${inSeconds(from)} and ${before})`
}

/** In the format of the certificate columns: without milliseconds. */
export function inSeconds(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z')
}
