/**
 * The messages between the console's thread and the broker's. Whoever asks gives an id and is answered under that id;
 * a few things are only told.
 */

import type { Permission } from '@gatehouse/contract/access/permission'
import type { Connection, Decision, Listener } from '@gatehouse/contract/brokers/broker'
import type { CertificateCheck } from '@gatehouse/contract/certificates/check'
import type { Expiries, ExpiryWindow } from '@gatehouse/contract/certificates/expiry'
import type { GrantMethod } from '@gatehouse/contract/identity/users'
import type { SeenCertificate } from '../../certificates/seen/store.ts'
import type { DatabasePlace } from '../../platform/db/open.ts'

/** What decides about a user's sign-in and rights on the broker. */
export interface UserFacts {
  id: string
  username: string
  disabledAt: string | null
  grants: readonly { method: GrantMethod; isRequired: boolean }[]
  /** All mqtt ones, the roles' and the user's own. */
  permissions: readonly Permission[]
  /** All, those of the console too. */
  rights: readonly Permission[]
  mqttPublishPrefix: string | null
}

export type AuthorityChange = { delete: true } | { usernames: readonly string[] }

/** A certificate that somebody means to revoke, or a list that somebody means to upload. */
export type RevocationChange =
  | { revoke: { issuerKey: string; serialNumber: string } }
  | { list: { issuerKey: string; scope: string; der: Uint8Array; signer: Uint8Array | null } }

/** Several lists of chains (DER as presented): of each list the first that is trusted counts. */
export type VouchingExamples = readonly (readonly (readonly Uint8Array[])[])[]

/** By one path of certificates: the username must be within each of the limits. */
interface Vouching {
  authority: string
  limits: readonly { authority: string; usernames: readonly string[] }[]
}

/** Who vouches now, and who after a change, by any of these ways; none: nobody. */
export interface VouchingChange {
  before: Vouching[]
  after: Vouching[]
}

export type TrustChange = { authority: string; change: AuthorityChange } | RevocationChange

export interface TrustImpact {
  /** Live connections that would end. */
  connections: number
  /** Whose they are; at most 100 names, `userCount` is exact. */
  usernames: string[]
  userCount: number
}

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
