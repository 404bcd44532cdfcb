/**
 * The messages between the console's thread and the broker's. Whoever asks gives an id and is answered under that id;
 * a few things are only told.
 */

import type { Connection, Decision, Listener } from '@gatehouse/contract/brokers/broker'
import type { CertificateCheck } from '@gatehouse/contract/certificates/check'
import type { Expiries, ExpiryWindow } from '@gatehouse/contract/certificates/expiry'
import type { UserFacts } from '../../access/decision/facts.ts'
import type { SeenCertificate } from '../../certificates/seen/store.ts'
import type { TrustChange, TrustImpact, VouchingChange, VouchingExamples } from '../../certificates/trust/changes.ts'
import type { DatabasePlace } from '../../platform/db/open.ts'

export interface DecisionSearch {
  after?: number | undefined
  outcome?: Decision['outcome'] | undefined
  search?: string | undefined
  /** RFC 3339. */
  since?: string | undefined
}

export interface ConnectionSearch {
  search?: string | undefined
  expires?: ExpiryWindow | undefined
}

/** What the overview wants to know. */
export interface BrokerFigures {
  /** Refusals since then; `isMore`: older ones of that time have been forgotten. */
  refused: number
  isMore: boolean
  /** Certificates of live connections. */
  expiries: Expiries
}

export interface BrokerStatus {
  trustedSince: string
  authorities: number
  connections: number
  loopDelaySeconds: number
}

export interface VouchedFor {
  fingerprint: string
  connections: number
  users: number
}

/** What the console's thread asks of the broker's. */
export interface BrokerQuestions {
  /** Resolves when these changes of the log are enforced. Answers how many connections they ended. */
  enforced: { ask: { sequences: readonly number[] }; answer: number }
  impactOnUser: { ask: { userId: string; facts: UserFacts | null }; answer: number }
  impactOnTrust: { ask: TrustChange; answer: TrustImpact }
  vouchingAfter: { ask: TrustChange & { examples: VouchingExamples }; answer: VouchingChange[] }
  connectionsOf: { ask: { userId: string }; answer: number }
  vouchedFor: { ask: null; answer: VouchedFor[] }
  figures: { ask: { since: string }; answer: BrokerFigures }
  connections: { ask: ConnectionSearch; answer: { items: Connection[]; total: number } }
  connection: { ask: { connectionId: string }; answer: { found: Connection | null } }
  checkCertificate: { ask: { presented: readonly Uint8Array[] }; answer: CertificateCheck }
  /** DER of the certificates that it has shown; none where it has shown none, or has ended. */
  presentedBy: { ask: { connectionId: string }; answer: { presented: Uint8Array[] } }
  close: { ask: { connectionId: string }; answer: boolean }
  decisions: { ask: DecisionSearch; answer: Decision[] }
  status: { ask: null; answer: BrokerStatus }
  replaceServerCertificate: { ask: { cert: string; key: string }; answer: null }
  stop: { ask: null; answer: null }
}

export interface PasswordAttempt {
  username: string
  password: string
  address: string
}

/** What the broker's thread asks of the console's: passwords are checked, counted and throttled in one place only. */
export interface ConsoleQuestions {
  checkPassword: { ask: PasswordAttempt; answer: 'right' | 'wrong' | 'throttled' }
}

type AskOf<Q> = {
  [K in keyof Q]: { type: 'ask'; id: number; kind: K; ask: Q[K] extends { ask: infer A } ? A : never }
}[keyof Q]

export type Reply =
  | { type: 'answer'; id: number; isOk: true; answer: unknown }
  | { type: 'answer'; id: number; isOk: false; error: string }

/** What was decided since the last time, and how many were connected. */
export interface Told {
  decisions: { outcome: Decision['outcome']; reason: Decision['reason']; count: number }[]
  mostConnections: number
}

export interface Seen {
  userId: string
  at: string
}

export type ToBroker = AskOf<BrokerQuestions> | Reply
export type FromBroker =
  | AskOf<ConsoleQuestions>
  | Reply
  | { type: 'listening'; listeners: Listener[] }
  | { type: 'failed'; error: string }
  | { type: 'seen'; seen: Seen[] }
  | { type: 'certificatesSeen'; seen: SeenCertificate[] }
  | { type: 'told'; told: Told }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; message: string; facts: Record<string, unknown> }

export interface PlainSettings {
  host: string
  port: number
}

export interface TlsSettings {
  host: string
  port: number
  cert: string
  key: string
  clientCertificate: 'required' | 'accepted' | 'ignored'
}

/** What the thread is started with. */
export interface BrokerSettings {
  database: DatabasePlace
  plain: PlainSettings | null
  tls: TlsSettings | null
  /** Addresses and networks that many clients come from. */
  trustedProxies: string[]
  /** Int32 milliseconds, for tests; null in production. */
  clockOffset: SharedArrayBuffer | null
}
