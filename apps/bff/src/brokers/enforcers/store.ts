import type { Report } from '@gatehouse/contract/brokers/enforcer-protocol'
import type { Selectable } from 'kysely'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { EnforcersTable } from '../../platform/db/schema-enforcers.ts'

export interface EnforcerRecord {
  id: string
  brokerId: string
  host: string
  programVersion: string
  certificate: string
  fingerprint: string
  nextCertificate: string | null
  nextFingerprint: string | null
  enrolledAt: string
  lastSeenAt: string | null
  lastAddress: string | null
  appliedSequence: number | null
  appliedAt: string | null
  report: LastReport | null
}

/** What is kept of a report. */
export type LastReport = Pick<Report, 'problems' | 'inventory'> & { clockAheadSeconds: number }

export async function findEnforcerOf(db: Db, brokerId: string): Promise<EnforcerRecord | null> {
  const row = await db.selectFrom('enforcers').selectAll().where('broker_id', '=', brokerId).executeTakeFirst()
  return row ? toRecord(row) : null
}

/** All of them. There are at most `maxBrokers`. */
export async function listEnforcers(db: Db): Promise<EnforcerRecord[]> {
  const rows = await db.selectFrom('enforcers').selectAll().execute()
  return rows.map(toRecord)
}

/** The one whose present or renewed certificate this is. */
export async function findEnforcerByCertificate(db: Db, fingerprint: string): Promise<EnforcerRecord | null> {
  const row = await db
    .selectFrom('enforcers')
    .selectAll()
    .where((e) => e.or([e('fingerprint', '=', fingerprint), e('next_fingerprint', '=', fingerprint)]))
    .executeTakeFirst()
  return row ? toRecord(row) : null
}

export async function enforcerExists(db: Db, id: string): Promise<boolean> {
  return (await db.selectFrom('enforcers').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
}

type New = Pick<
  EnforcerRecord,
  'id' | 'brokerId' | 'host' | 'programVersion' | 'certificate' | 'fingerprint' | 'enrolledAt' | 'lastAddress'
>

export async function insertEnforcer(trx: Trx, made: New): Promise<void> {
  await trx
    .insertInto('enforcers')
    .values({
      id: made.id,
      broker_id: made.brokerId,
      host: made.host,
      program_version: made.programVersion,
      certificate: made.certificate,
      fingerprint: made.fingerprint,
      enrolled_at: made.enrolledAt,
      last_address: made.lastAddress,
    })
    .execute()
}

export async function deleteEnforcerOf(trx: Trx, brokerId: string): Promise<void> {
  await trx.deleteFrom('enforcers').where('broker_id', '=', brokerId).execute()
}

export async function setNextCertificate(
  trx: Trx,
  id: string,
  { certificate, fingerprint }: { certificate: string; fingerprint: string },
): Promise<void> {
  await trx
    .updateTable('enforcers')
    .set({ next_certificate: certificate, next_fingerprint: fingerprint })
    .where('id', '=', id)
    .execute()
}

/** The renewed certificate was used: the former one is refused from now on. */
export async function promoteCertificate(trx: Trx, fingerprint: string): Promise<void> {
  await trx
    .updateTable('enforcers')
    .set((e) => ({
      certificate: e.ref('next_certificate').$notNull(),
      fingerprint: e.ref('next_fingerprint').$notNull(),
      next_certificate: null,
      next_fingerprint: null,
    }))
    .where('next_fingerprint', '=', fingerprint)
    .execute()
}

export async function noteSeen(
  trx: Trx,
  { id, at, address }: { id: string; at: string; address: string },
): Promise<void> {
  await trx.updateTable('enforcers').set({ last_seen_at: at, last_address: address }).where('id', '=', id).execute()
}

/** `appliedSequence` null: the broker does not enforce the state yet. */
export async function noteReport(
  trx: Trx,
  { id, at, appliedSequence, report }: { id: string; at: string; appliedSequence: number | null; report: LastReport },
): Promise<void> {
  const applied = appliedSequence === null ? {} : { applied_sequence: appliedSequence, applied_at: at }
  await trx
    .updateTable('enforcers')
    .set({ report: JSON.stringify(report), last_seen_at: at, ...applied })
    .where('id', '=', id)
    .execute()
}

function toRecord(row: Selectable<EnforcersTable>): EnforcerRecord {
  return {
    id: row.id,
    brokerId: row.broker_id,
    host: row.host,
    programVersion: row.program_version,
    certificate: row.certificate,
    fingerprint: row.fingerprint,
    nextCertificate: row.next_certificate,
    nextFingerprint: row.next_fingerprint,
    enrolledAt: row.enrolled_at,
    lastSeenAt: row.last_seen_at,
    lastAddress: row.last_address,
    appliedSequence: row.applied_sequence === null ? null : Number(row.applied_sequence),
    appliedAt: row.applied_at,
    report: row.report === null ? null : (JSON.parse(row.report) as LastReport),
  }
}
