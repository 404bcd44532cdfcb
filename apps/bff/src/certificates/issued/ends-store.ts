/** Expiry dates of client certificates that still matter: not revoked, not replaced, with an existing user. */
import { sql } from 'kysely'
import { inSeconds } from '../../platform/db/expiry-windows.ts'
import type { Db } from '../../platform/db/open.ts'
import { current, type Kind, withRevocations } from './store.ts'

export interface EndingCertificate {
  fingerprint: string
  notBefore: string
  notAfter: string
  username: string
  userId: string | null
}

/** The next ones to expire, from this moment on. */
export async function listEndingCertificates(
  reader: Db,
  { kind, from, limit }: { kind: Kind; from: Date; limit: number },
): Promise<EndingCertificate[]> {
  const rows = await goodFrom(reader, kind, from)
    .select(['c.fingerprint', 'c.not_before', 'c.not_after', 'c.username', 'c.user_id'])
    .orderBy('c.not_after')
    .orderBy('c.fingerprint')
    .limit(limit)
    .execute()
  return rows.map(({ fingerprint, username, ...row }) => ({
    fingerprint,
    username,
    notBefore: row.not_before,
    notAfter: row.not_after,
    userId: row.user_id,
  }))
}

/** How many expire on each day (`2031-03-02`, UTC) of this time, for days with at least one. */
export async function countCertificateEnds(
  reader: Db,
  { kind, from, until }: { kind: Kind; from: Date; until: Date },
): Promise<{ day: string; count: number }[]> {
  const rows = await goodFrom(reader, kind, from)
    .where('c.not_after', '<', inSeconds(until))
    .select([sql<string>`substr(c.not_after, 1, 10)`.as('day'), (e) => e.fn.countAll().as('count')])
    .groupBy(sql`substr(c.not_after, 1, 10)`)
    .execute()
  return rows.map(({ day, count }) => ({ day, count: Number(count) }))
}

/** Each certificate once: issued ones are not counted again among those that were seen. */
function goodFrom(reader: Db, kind: Kind, from: Date) {
  const good = current(withRevocations(reader, kind))
    .where('c.user_id', 'is not', null)
    .where('c.not_after', '>=', inSeconds(from))
  return kind === 'issued' ? good : good.where('c.issued_at', '=', '')
}
