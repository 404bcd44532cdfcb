import type { Selectable } from 'kysely'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { AuthorityDeploymentsTable } from '../../platform/db/schema-deployments.ts'

/** A CA on a listener of a Cedalo broker, as far as we know. */
export interface StoredDeployment {
  brokerId: string
  listenerId: number
  listenerPort: number
  fingerprint: string
  name: string
  isWanted: boolean
  presence: 'absent' | 'present' | 'unknown'
  error: string | null
  changedAt: string
}

export interface DeploymentFilter {
  brokerId?: string
  fingerprint?: string
}

const most = 20_000

export async function listDeployments(
  db: Db,
  { brokerId, fingerprint }: DeploymentFilter,
): Promise<StoredDeployment[]> {
  let query = db.selectFrom('authority_deployments').selectAll()
  if (brokerId !== undefined) query = query.where('broker_id', '=', brokerId)
  if (fingerprint !== undefined) query = query.where('fingerprint', '=', fingerprint)
  const rows = await query.orderBy('broker_id').orderBy('listener_id').orderBy('fingerprint').limit(most).execute()
  return rows.map(fromRow)
}

/** What a person wants. What the broker has stays as it is stored. */
export async function saveDeployments(trx: Trx, deployments: readonly StoredDeployment[]): Promise<void> {
  for (const deployment of deployments) {
    const row = toRow(deployment)
    const { is_wanted, listener_port, error, name, changed_at } = row
    await trx
      .insertInto('authority_deployments')
      .values(row)
      .onConflict((on) =>
        on
          .columns(['broker_id', 'listener_id', 'fingerprint'])
          .doUpdateSet({ is_wanted, listener_port, error, name, changed_at }),
      )
      .execute()
  }
}

/** Those of a listener that follows the trust store. One that is there already stays as it is. */
export async function insertDeployments(db: Db, deployments: readonly StoredDeployment[]): Promise<void> {
  for (let at = 0; at < deployments.length; at += 500) {
    const rows = deployments.slice(at, at + 500).map(toRow)
    await db
      .insertInto('authority_deployments')
      .values(rows)
      .onConflict((on) => on.doNothing())
      .execute()
  }
}

/**
 * What the broker has. What a person wants may change while a command is under way, so it is not written here; and a row that
 * another console has deleted meanwhile does not come back.
 */
export async function savePresence(
  db: Db,
  { brokerId, listenerId, fingerprint, changedAt }: StoredDeployment,
  { presence, error }: Pick<StoredDeployment, 'presence' | 'error'>,
): Promise<void> {
  await db
    .updateTable('authority_deployments')
    .set({ presence, error, changed_at: changedAt })
    .where('broker_id', '=', brokerId)
    .where('listener_id', '=', listenerId)
    .where('fingerprint', '=', fingerprint)
    .execute()
}

export async function deleteDeployment(
  trx: Trx,
  { brokerId, listenerId, fingerprint }: StoredDeployment,
): Promise<void> {
  await trx
    .deleteFrom('authority_deployments')
    .where('broker_id', '=', brokerId)
    .where('listener_id', '=', listenerId)
    .where('fingerprint', '=', fingerprint)
    .execute()
}

/** Rows of CAs that are not on the broker and that nobody wants, or that may not be there any more, such as deleted ones. */
export async function deleteSettled(db: Db, brokerId: string, undeployable: readonly string[]): Promise<void> {
  const absent = db
    .deleteFrom('authority_deployments')
    .where('broker_id', '=', brokerId)
    .where('presence', '=', 'absent')
  await absent.where('is_wanted', '=', 0).execute()
  for (let at = 0; at < undeployable.length; at += 500) {
    await absent.where('fingerprint', 'in', undeployable.slice(at, at + 500)).execute()
  }
}

function toRow(deployment: StoredDeployment): AuthorityDeploymentsTable {
  return {
    broker_id: deployment.brokerId,
    listener_id: deployment.listenerId,
    listener_port: deployment.listenerPort,
    fingerprint: deployment.fingerprint,
    name: deployment.name,
    is_wanted: deployment.isWanted ? 1 : 0,
    presence: deployment.presence,
    error: deployment.error,
    changed_at: deployment.changedAt,
  }
}

function fromRow(row: Selectable<AuthorityDeploymentsTable>): StoredDeployment {
  return {
    brokerId: row.broker_id,
    listenerId: row.listener_id,
    listenerPort: row.listener_port,
    fingerprint: row.fingerprint,
    name: row.name,
    isWanted: row.is_wanted === 1,
    presence: row.presence,
    error: row.error,
    changedAt: row.changed_at,
  }
}
