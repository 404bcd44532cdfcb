/** The embedded broker behind the port that all brokers have. */
import type { Capabilities } from '@gatehouse/contract/brokers/capabilities'
import { type BrokerState, embeddedBrokerId, type TestStep } from '@gatehouse/contract/brokers/inventory'
import type { Broker } from '../embedded/start-broker.ts'
import { type BrokerAdapter, notConfirmed } from './adapter.ts'

const capabilities: Capabilities = {
  mode: 'inline',
  evidence: 'chain',
  decidesCertificates: true,
  bothOnOnePort: true,
  certificateAndPassword: true,
  revokeOne: 'any',
  authorityLimits: true,
  trustAddMs: 0,
  trustRemoveMs: 0,
  end: ['user', 'client', 'authority'],
  endsWithinMs: 1_000,
  refusalReasons: true,
  partialSubAck: true,
  deliveryCheck: true,
  dropSession: true,
  mqtt5: true,
  cacheMs: 0,
  badNames: '',
}

export function makeEmbeddedAdapter(broker: Broker): BrokerAdapter {
  return {
    id: embeddedBrokerId,
    name: embeddedBrokerId,
    capabilities,
    enforced: async (sequences) => {
      const disconnected = await broker.waitFor(sequences)
      return disconnected === null ? notConfirmed : { isConfirmed: true, disconnected }
    },
    state: () => readState(broker),
    test: async () => testListeners(broker),
    // The broker is started and stopped by its own part of the server.
    close: async () => {},
  }
}

async function readState(broker: Broker): Promise<BrokerState> {
  const status = broker.isRunning() ? await broker.status() : null
  if (!status)
    return { reachable: false, applied: null, problems: [{ code: 'no_answer', detail: null }], connections: null }
  const connections = status.connections + status.edgeConnections
  return { reachable: true, applied: status.appliedChange, problems: [], connections }
}

/** It admits nobody without a decision of ours, so that only its listeners can be in a bad state. */
async function testListeners(broker: Broker): Promise<TestStep[]> {
  const reports = await broker.listenerReports()
  if (!reports) return [{ step: 'listeners', outcome: 'failed', problem: 'no_answer', detail: null }]
  const closed = reports.filter(({ boundPort }) => boundPort === null)
  if (reports.length > 0 && closed.length === 0) {
    return [{ step: 'listeners', outcome: 'passed', problem: null, detail: null }]
  }
  const detail = closed.map(({ name, error }) => (error === null ? name : `${name}: ${error}`)).join(', ')
  return [{ step: 'listeners', outcome: 'failed', problem: 'unreachable', detail: detail || null }]
}
