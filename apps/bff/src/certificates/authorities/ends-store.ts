/** When trusted authorities end. */
import { sql } from 'kysely'
import { inSeconds } from '../../platform/db/expiry-windows.ts'
import type { Db } from '../../platform/db/open.ts'

export interface EndingAuthority {
  fingerprint: string
  name: string
  notBefore: string
  notAfter: string
}

/** The first to end, from this moment on; all where it is null, which those are that have ended. */
export async function listEndingAuthorities(
  reader: Db,
  { from, limit }: { from: Date | null; limit: number },
): Promise<EndingAuthority[]> {
  const rows = await trustedFrom(reader, from)
    .select(['fingerprint', 'name', 'not_after', 'description'])
    .orderBy('not_after')
    .orderBy('fingerprint')
    .limit(limit)
    .execute()
  return rows.map(({ fingerprint, name, not_after, description }) => {
    const { notBefore } = JSON.parse(description) as { notBefore: string }
    return { fingerprint, name, notBefore, notAfter: not_after }
  })
}

/** How many end on each day (`2031-03-02`, UTC) of this time on which any does. */
export async function countAuthorityEnds(reader: Db, { from, until }: { from: Date; until: Date }) {
  const rows = await trustedFrom(reader, from)
    .where('not_after', '<', inSeconds(until))
    .select([sql<string>`substr(not_after, 1, 10)`.as('day'), (e) => e.fn.countAll().as('count')])
    .groupBy(sql`substr(not_after, 1, 10)`)
    .execute()
  return rows.map(({ day, count }) => ({ day, count: Number(count) }))
}

function trustedFrom(reader: Db, from: Date | null) {
  const trusted = reader.selectFrom('authorities').where('withdrawn_at', 'is', null)
  return from === null ? trusted : trusted.where('not_after', '>=', inSeconds(from))
}
