/** The state of a broker with an agent, as the page of brokers shows it. */
import type { BrokerProblem, BrokerState, TestStep } from '@gatehouse/contract/brokers/inventory'
import type { Db } from '../../platform/db/open.ts'
import { problemsOfRemarks } from '../mosquitto/problems.ts'
import type { Remark } from '../mosquitto/remarks.ts'
import { listAuthorities } from './authority-store.ts'
import type { EnforcerConnection } from './connection.ts'
import { needsReplacement } from './list.ts'
import { present } from './present.ts'
import { findEnforcerOf } from './store.ts'

/** Certificates and CRLs are judged by the clock of the machine. */
const skewedFromSeconds = 60

interface Facts {
  reader: Db
  now: Date
  connection: EnforcerConnection
  /** What this Mosquitto cannot enforce. */
  remarks: readonly Remark[]
}

export async function readAgentState(
  brokerId: string,
  { reader, now, connection, remarks }: Facts,
): Promise<BrokerState> {
  const stored = await findEnforcerOf(reader, brokerId)
  if (!stored)
    return { reachable: false, applied: null, problems: [{ code: 'agent_missing', detail: null }], connections: null }
  const { isConnected, lastSeenAt, problems, clockAheadSeconds, appliedSequence } = present(stored, { connection, now })
  const isSkewed = clockAheadSeconds !== null && Math.abs(clockAheadSeconds) > skewedFromSeconds
  const isEnding = needsReplacement(await listAuthorities(reader), now)
  return {
    reachable: isConnected && !problems.some(({ code }) => isAway.has(code)),
    applied: appliedSequence,
    problems: [
      ...(isConnected ? [] : [{ code: 'agent_away', detail: lastSeenAt } as const]),
      ...(isEnding ? [{ code: 'agents_authority_ends', detail: null } as const] : []),
      ...(isSkewed ? [{ code: 'clock_differs', detail: String(clockAheadSeconds) } as const] : []),
      ...problems,
      ...problemsOfRemarks(remarks),
    ],
    connections: null,
  }
}

/** The agent does not reach the broker. */
const isAway: ReadonlySet<BrokerProblem['code']> = new Set(['unreachable', 'credentials_refused', 'tls_failed'])

/** Does the agent wait for changes, and does it reach the broker? */
export function testAgent({ problems }: BrokerState): TestStep {
  const found = problems.find(({ code }) => code === 'agent_missing' || code === 'agent_away' || isAway.has(code))
  return found
    ? { step: 'agent', outcome: 'failed', problem: found.code, detail: found.detail }
    : { step: 'agent', outcome: 'passed', problem: null, detail: null }
}
