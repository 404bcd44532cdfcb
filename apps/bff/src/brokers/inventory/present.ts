/** Brokers as the API answers them: the row, what the broker can enforce, and its state. */
import type { StoredBroker } from '@gatehouse/contract/brokers/brokers'
import { type BrokerProblem, type BrokerState, embeddedBrokerId } from '@gatehouse/contract/brokers/inventory'
import { readLatestChange } from '../../platform/changes/store.ts'
import type { Db } from '../../platform/db/open.ts'
import type { BrokerAdapter, BrokerRow } from './adapter.ts'
import type { BrokerSet } from './broker-set.ts'

export interface PresentContext {
  reader: Db
  brokers: BrokerSet
}

type Described = Omit<StoredBroker, 'capabilities' | 'state' | 'lag'>

/** The embedded one first. Waits for the slowest broker, at most two seconds. */
export async function presentAll(context: PresentContext, rows: readonly StoredRow[]): Promise<StoredBroker[]> {
  return Promise.all([presentEmbedded(context), ...rows.map((row) => presentOne(context, row))])
}

export interface StoredRow extends BrokerRow {
  hasPassword: boolean
}

export function presentOne(context: PresentContext, row: StoredRow): Promise<StoredBroker> {
  return withState(context, row)
}

export function presentEmbedded(context: PresentContext): Promise<StoredBroker> {
  return withState(context, {
    id: embeddedBrokerId,
    name: embeddedBrokerId,
    kind: 'embedded',
    host: null,
    port: null,
    tls: false,
    authorities: null,
    username: null,
    hasPassword: false,
    settings: null,
    createdAt: null,
    version: 1,
  })
}

async function withState({ reader, brokers }: PresentContext, broker: Described): Promise<StoredBroker> {
  const adapter = brokers.find(broker.id)
  // Read first: a change in between then shows as applied, not as missing.
  const latest = await readLatestChange(reader)
  const state = await readState(brokers, adapter)
  return {
    ...broker,
    capabilities: adapter?.capabilities ?? null,
    state,
    lag: state.applied === null ? null : Math.max(0, latest - state.applied),
  }
}

async function readState(brokers: BrokerSet, adapter: BrokerAdapter | undefined): Promise<BrokerState> {
  if (!adapter) return unknownState('no_adapter')
  return (await brokers.state(adapter)) ?? unknownState('no_answer')
}

function unknownState(code: BrokerProblem['code']): BrokerState {
  return { reachable: false, applied: null, problems: [{ code, detail: null }], connections: null }
}
