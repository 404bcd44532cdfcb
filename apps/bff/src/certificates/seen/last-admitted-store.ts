/**
 * Users whose last certificate relied on an authority and who could connect again: enabled, not refused because their identity
 * provider is disabled, with a certificate grant, with this certificate still valid.
 */
import { type RawBuilder, sql } from 'kysely'
import { originDisabledForCertificatesAt } from '../../identity/identities/origin-sign-in-store.ts'
import { inSeconds } from '../../platform/db/expiry-windows.ts'
import type { Db } from '../../platform/db/open.ts'

export interface LastAdmitted {
  fingerprint: string
  userId: string
  username: string
  /** Certificates with the same chain rely on the same authorities. */
  chain: string
}

interface Asked {
  authority: string
  now: Date
}

/** In the order of fingerprints, after this one. */
export async function listLastAdmitted(
  reader: Db,
  { after, limit, ...asked }: Asked & { after: string; limit: number },
): Promise<LastAdmitted[]> {
  return lastAdmitted(reader, asked)
    .select(['s.fingerprint', 's.user_id as userId', 's.username', 's.chain'])
    .where('s.fingerprint', '>', after)
    .orderBy('s.fingerprint')
    .limit(limit)
    .execute()
}

/** PEM of some certificates of this chain, each with its intermediates; those that expire last. */
export async function findExamples(
  reader: Db,
  { chain, limit, ...asked }: Asked & { chain: string; limit: number },
): Promise<string[]> {
  const rows = await lastAdmitted(reader, asked)
    .innerJoin('seen_chains as above', 'above.chain', 's.chain')
    .select(['s.pem', 'above.pem as above'])
    .where('s.chain', '=', chain)
    .orderBy('s.not_after', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ pem, above }) => pem + above)
}

function lastAdmitted(reader: Db, { authority, now }: Asked) {
  return reader
    .selectFrom('seen_certificates as s')
    .innerJoin('users', 'users.id', 's.user_id')
    .innerJoin('user_grants as g', (join) =>
      join.onRef('g.user_id', '=', 'users.id').on('g.method', '=', 'certificate'),
    )
    .where('s.authority', '=', authority)
    .where('s.not_after', '>', inSeconds(now))
    .where('users.disabled_at', 'is', null)
    .where(originDisabledForCertificatesAt, 'is', null)
    .where(isLast)
    .where(isNotRevoked)
}

const isLast: RawBuilder<boolean> = sql`not exists (
  select 1 from seen_certificates n where n.user_id = s.user_id and n.last_seen_at > s.last_seen_at)`
const isNotRevoked: RawBuilder<boolean> = sql`not exists (
  select 1 from revocations r where r.issuer_key = s.issuer_key and r.serial_number = s.serial_number)`
