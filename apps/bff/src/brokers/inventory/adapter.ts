/** The port to a broker that enforces what the console decides, and what an adapter gets to do so. */
import type { BrokerImpact } from '@gatehouse/contract/base'
import type { Capabilities } from '@gatehouse/contract/brokers/capabilities'
import type { BrokerKind, BrokerSettings, BrokerState, TestStep } from '@gatehouse/contract/brokers/inventory'
import type { Logger } from 'pino'
import type { TrustChange } from '../../certificates/trust/changes.ts'
import type { KnownPassword } from '../../identity/passwords/known-password.ts'
import type { ForeseenUser } from '../../identity/users/context.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { ChangeReader } from '../../platform/changes/store.ts'
import type { Db } from '../../platform/db/open.ts'
import type { PreparedReader } from '../../platform/db/prepared-reader.ts'

/**
 * A call may take as long as it likes and may reject: `BrokerSet` waits two seconds (20 for a test) and continues without the answer.
 * An adapter follows the change log by itself from the moment it is made. `enforced` only tells it that there is something new.
 */
export interface BrokerAdapter {
  /** `embedded`, or the id of the row in `brokers`. */
  readonly id: string
  readonly name: string
  readonly capabilities: Capabilities
  /**
   * Resolves when the broker enforces these changes of the log. Not confirmed at once if the broker is not connected: a change must
   * not wait two seconds for a broker that is known to be away.
   */
  enforced(sequences: readonly number[]): Promise<Enforced>
  /** What a change would end. Null: the broker is away. Without this, the broker cannot say. */
  foresee?(change: ForeseenChange): Promise<Foreseen | null>
  state(): Promise<BrokerState>
  /** Connects as a new client would. Each step after a failed one is `skipped`. A client that is admitted wrongly is a failed step. */
  test(): Promise<TestStep[]>
  /** A password was set or proved just now. The broker may keep its own hash of it. Nothing else may be kept. */
  passwordKnown?(known: KnownPassword): Promise<void>
  /** Stops all work and ends all connections. The broker keeps its state. */
  close(): Promise<void>
}

/** `disconnected`: how many connections the changes ended. Null: not counted, or not confirmed. */
export type Enforced = { isConfirmed: true; disconnected: number | null } | { isConfirmed: false; disconnected: null }

export const notConfirmed: Enforced = { isConfirmed: false, disconnected: null }

/** A change that is not made yet. `username`: in the certificate that would be revoked, if it is known. */
export type ForeseenChange = { users: readonly ForeseenUser[] } | { trust: TrustChange; username: string | null }

export type Foreseen = Pick<BrokerImpact, 'connections'> & { ends: NonNullable<BrokerImpact['ends']> }

export const nothingForeseen: Foreseen = { ends: 'nothing', connections: 0 }

/** A row of `brokers` without its password. */
export interface BrokerRow<K extends BrokerKind = BrokerKind> {
  id: string
  name: string
  kind: K
  /** Null only for an agent, which pulls. */
  host: K extends 'mosquitto-agent' ? string | null : string
  port: K extends 'mosquitto-agent' ? number | null : number
  tls: boolean
  /** PEM of the CA certificates that sign the broker's certificate. Null: those of the system. */
  authorities: string | null
  username: string | null
  settings: BrokerSettings[K]
  createdAt: string
  version: number
}

/** The change log for an adapter. */
export interface ChangeLog extends ChangeReader {
  /** A number that changes with each commit, also of another process. */
  dataVersion(): Promise<number>
}

export interface AdapterParts {
  db: Db
  reader: Db
  clock: Clock
  log: Logger
  dataDir: string
  changes: ChangeLog
  /** For statements that are prepared once. It is the connection of `changes`. */
  prepared: PreparedReader
  /** Of the row. Null: it has none. */
  password: string | null
}

/** Makes the adapter of a row, which starts to work at once. Throws if the settings cannot work. */
export type MakeAdapter<K extends BrokerKind = BrokerKind> = (row: BrokerRow<K>, parts: AdapterParts) => BrokerAdapter

/** One for each kind. A kind without one is refused. */
export type AdapterFactories = { readonly [K in BrokerKind]?: MakeAdapter<K> }
