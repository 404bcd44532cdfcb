import type { HandOverSettings, HandOverTarget } from '@gatehouse/contract/brokers/kubernetes'
import type { Selectable } from 'kysely'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { KubernetesHandOversTable } from '../../platform/db/schema-deployments.ts'

/** What a person said they applied. */
export interface StoredHandOver {
  target: HandOverTarget
  settings: HandOverSettings
  /** Fingerprints of the client CAs. */
  authorities: string[]
  /** Fingerprint. */
  serverCertificate: string | null
  contentHash: string
  sequence: number
  appliedAt: string
  appliedBy: string | null
}

export async function listHandOvers(db: Db): Promise<StoredHandOver[]> {
  const rows = await db.selectFrom('kubernetes_hand_overs').selectAll().orderBy('applied_at', 'desc').execute()
  return rows.map(fromRow)
}

export async function findHandOver(db: Db, { kind, id }: HandOverTarget): Promise<StoredHandOver | null> {
  const row = await db
    .selectFrom('kubernetes_hand_overs')
    .selectAll()
    .where('target_kind', '=', kind)
    .where('target_id', '=', id)
    .executeTakeFirst()
  return row ? fromRow(row) : null
}

/** Replaces an earlier one of the same target. */
export async function saveHandOver(trx: Trx, handOver: StoredHandOver): Promise<void> {
  await deleteHandOver(trx, handOver.target)
  await trx
    .insertInto('kubernetes_hand_overs')
    .values({
      target_kind: handOver.target.kind,
      target_id: handOver.target.id,
      settings: JSON.stringify(handOver.settings),
      authorities: JSON.stringify(handOver.authorities),
      server_certificate: handOver.serverCertificate,
      content_hash: handOver.contentHash,
      sequence: handOver.sequence,
      applied_at: handOver.appliedAt,
      applied_by: handOver.appliedBy,
    })
    .execute()
}

export async function deleteHandOver(trx: Trx, { kind, id }: HandOverTarget): Promise<void> {
  await trx.deleteFrom('kubernetes_hand_overs').where('target_kind', '=', kind).where('target_id', '=', id).execute()
}

function fromRow(row: Selectable<KubernetesHandOversTable>): StoredHandOver {
  return {
    target: { kind: row.target_kind, id: row.target_id },
    // Only `saveHandOver` writes these.
    settings: JSON.parse(row.settings) as HandOverSettings,
    authorities: JSON.parse(row.authorities) as string[],
    serverCertificate: row.server_certificate,
    contentHash: row.content_hash,
    // PostgreSQL answers text for `bigint`.
    sequence: Number(row.sequence),
    appliedAt: row.applied_at,
    appliedBy: row.applied_by,
  }
}
