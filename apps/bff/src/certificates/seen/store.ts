import { createHash } from 'node:crypto'
import { toPem } from '@gatehouse/pki/read/certificate'
import { sql } from 'kysely'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'

/** What is read from the certificate when it is first seen. */
export type SeenDescription = Pick<
  Schema['seen_certificates'],
  'serial_number' | 'subject' | 'issuer' | 'key_algorithm' | 'not_before' | 'not_after'
>

/** A certificate that an admitted client presented. */
export interface SeenCertificate {
  fingerprint: string
  /** SHA-256 of the signer's key. */
  issuerKey: string
  /** Fingerprint of the authority that vouched for it. */
  authority: string
  userId: string
  username: string
  /** RFC 3339. */
  at: string
  /** DER, the leaf first. */
  presented: readonly Uint8Array[]
}

/** Those of these that are stored already. */
export async function findKnown(db: Db, fingerprints: readonly string[]): Promise<Set<string>> {
  if (fingerprints.length === 0) return new Set()
  const rows = await db
    .selectFrom('seen_certificates')
    .select('fingerprint')
    .where('fingerprint', 'in', fingerprints)
    .execute()
  return new Set(rows.map(({ fingerprint }) => fingerprint))
}

export async function insertSeen(
  trx: Trx,
  { presented, ...seen }: SeenCertificate,
  description: SeenDescription,
): Promise<void> {
  const [der, ...above] = presented
  if (!der) return
  const chain = chainOf(seen.issuerKey, above)
  await trx
    .insertInto('seen_chains')
    .values({ chain, pem: above.map(toCertificatePem).join('') })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await trx
    .insertInto('seen_certificates')
    .values({
      ...description,
      fingerprint: seen.fingerprint,
      issuer_key: seen.issuerKey,
      subject_folded: description.subject.toLowerCase(),
      user_id: seen.userId,
      username: seen.username,
      authority: seen.authority,
      chain,
      pem: toCertificatePem(der),
      first_seen_at: seen.at,
      last_seen_at: seen.at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** The time only moves forward. The intermediates stay those of the first time. */
export async function updateSeen(
  trx: Trx,
  { fingerprint, at, authority, userId, username }: Omit<SeenCertificate, 'presented'>,
): Promise<void> {
  await trx
    .updateTable('seen_certificates')
    .set({ last_seen_at: at, authority, user_id: userId, username })
    .where('fingerprint', '=', fingerprint)
    .where('last_seen_at', '<', at)
    .execute()
}

/** PEM as presented, the leaf first. Null: never seen. */
export async function findSeenPem(db: Db, fingerprint: string): Promise<string | null> {
  const row = await db
    .selectFrom('seen_certificates as s')
    .innerJoin('seen_chains as above', 'above.chain', 's.chain')
    .select(['s.pem', 'above.pem as above'])
    .where('s.fingerprint', '=', fingerprint)
    .executeTakeFirst()
  return row ? row.pem + row.above : null
}

/** RFC 3339. */
interface Bounds {
  endedBefore: string
  lastSeenBefore: string
}

/** Deletes what expired long ago, and what was not used for long. */
export async function deleteSeenBefore(trx: Trx, { endedBefore, lastSeenBefore }: Bounds): Promise<void> {
  await trx
    .deleteFrom('seen_certificates')
    .where((e) => e.or([e('not_after', '<', endedBefore), e('last_seen_at', '<', lastSeenBefore)]))
    .execute()
  await trx
    .deleteFrom('seen_chains')
    .where(sql<boolean>`not exists (select 1 from seen_certificates s where s.chain = seen_chains.chain)`)
    .execute()
}

function chainOf(issuerKey: string, above: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(issuerKey)
  for (const der of above) hash.update(createHash('sha256').update(der).digest())
  return hash.digest('hex')
}

function toCertificatePem(der: Uint8Array): string {
  return toPem('CERTIFICATE', der)
}
