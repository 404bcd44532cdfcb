/** The port through which a change waits for the brokers that enforce it. */
import type { BrokerResult } from '@gatehouse/contract/base'

/** What a change ended. */
export interface Enforcement {
  /** The connections that the brokers counted; null if one of them did not confirm in time. */
  disconnected: number | null
  disconnectedByBroker: BrokerResult[]
}

export interface Enforcers {
  /**
   * Waits until all brokers enforce these changes of the log, for at most two seconds. The changes are committed either way, and a
   * broker that was away follows them later.
   */
  waitFor(sequences: readonly number[]): Promise<Enforcement>
}

/** For a change that concerns no broker. */
export const nothingEnded: Enforcement = { disconnected: 0, disconnectedByBroker: [] }
