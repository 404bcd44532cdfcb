/** Deployments as the API shows them. */
import type { DeployableBroker, DeployableListener, Deployment } from '@gatehouse/contract/brokers/deployments'
import type { Db } from '../../platform/db/open.ts'
import type { BrokerRow } from '../inventory/adapter.ts'
import { listBrokers } from '../inventory/store.ts'
import type { CedaloListener } from './control.ts'
import { readDeployable } from './deployable.ts'
import { type DeploymentFilter, listDeployments, type StoredDeployment } from './store.ts'

export type CedaloRow = BrokerRow<'cedalo'>

export async function listCedaloRows(db: Db): Promise<CedaloRow[]> {
  const rows: readonly BrokerRow[] = await listBrokers(db)
  return rows.filter((row): row is CedaloRow => row.kind === 'cedalo')
}

export async function presentDeployments(db: Db, filter: DeploymentFilter): Promise<Deployment[]> {
  const stored = await listDeployments(db, filter)
  if (stored.length === 0) return []
  const rows = new Map((await listCedaloRows(db)).map((row) => [row.id, row]))
  const deployable = new Set((await readDeployable(db)).deployable.map(({ fingerprint }) => fingerprint))
  return stored.flatMap((deployment) => {
    const row = rows.get(deployment.brokerId)
    if (!row) return []
    const { listenerId, listenerPort, fingerprint, name, changedAt, error } = deployment
    return [
      {
        broker: { id: row.id, name: row.name },
        listener: { id: listenerId, port: listenerPort },
        authority: { fingerprint, name },
        state: stateOf(deployment, { follows: follows(row, listenerId), isDeployable: deployable.has(fingerprint) }),
        error,
        changedAt,
      },
    ]
  })
}

interface Wanting {
  follows: boolean
  isDeployable: boolean
}

function stateOf({ isWanted, presence, error }: StoredDeployment, by: Wanting): Deployment['state'] {
  if (!by.isDeployable || !(isWanted || by.follows)) return 'removing'
  if (presence === 'unknown') return 'unknown'
  if (error !== null) return 'failed'
  return presence === 'present' ? 'deployed' : 'pending'
}

/** `listeners`: null if the broker did not answer with listeners that have ids. */
export function presentChoices(
  row: CedaloRow,
  found: {
    listeners: readonly CedaloListener[] | null
    problem: DeployableBroker['problem']
    stored: readonly StoredDeployment[]
    isDeployable: boolean
  },
): DeployableBroker {
  const listeners = (found.listeners ?? []).map((listener): DeployableListener => {
    const stored = found.stored.find(({ brokerId, listenerId }) => brokerId === row.id && listenerId === listener.id)
    const by = { follows: follows(row, listener.id), isDeployable: found.isDeployable }
    return {
      ...listener,
      follows: by.follows,
      isWanted: stored?.isWanted ?? false,
      state: stored ? stateOf(stored, by) : null,
      error: stored?.error ?? null,
    }
  })
  return { id: row.id, name: row.name, problem: found.problem, listeners }
}

function follows({ settings }: CedaloRow, listenerId: number): boolean {
  return settings.listeners.includes(listenerId)
}
