/** Starts the broker in its thread. The main thread uses it through `Broker`. */
import type { FailedListener, Listener } from '@gatehouse/contract/brokers/broker'
import type { BrokerCalls, BrokerOptions } from './port.ts'
import { type Args, makeRemote, type Result } from './rpc.ts'
import { BrokerSupervisor } from './supervisor.ts'

/** Null: the broker did not answer within two seconds. */
type Timed<F> = { [K in keyof F]: (...args: Args<F[K]>) => Promise<Result<F[K]> | null> }

interface OwnMembers {
  /** Zero without a call when there are no changes. */
  waitFor(sequences: readonly number[]): Promise<number | null>
  readonly listeners: readonly Listener[]
  /** Those that should be open, and are not. */
  readonly failedListeners: readonly FailedListener[]
  isRunning(): boolean
  replaceServerCertificate(tls: { cert: string; key: string }): Promise<void>
  stop(): Promise<void>
}

type TimedCalls = Omit<Timed<BrokerCalls>, keyof OwnMembers>

export type Broker = OwnMembers & TimedCalls

/** Rejects when a listener cannot be opened. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const supervisor = new BrokerSupervisor(options)
  await supervisor.start()
  const own: OwnMembers = {
    get listeners() {
      return supervisor.listeners
    },
    get failedListeners() {
      return supervisor.failedListeners
    },
    waitFor: async (sequences) => (sequences.length === 0 ? 0 : supervisor.call('waitFor', [sequences])),
    isRunning: () => supervisor.isRunning,
    replaceServerCertificate: (tls) => supervisor.replaceServerCertificate(tls),
    stop: () => supervisor.stop(),
  }
  return makeRemote<TimedCalls, OwnMembers>((name, args) => supervisor.call(name, args), own)
}
