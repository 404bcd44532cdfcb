/** What the main thread and the broker's thread call in each other, and what they send. */
import type { Connection, Decision, FailedListener, Listener } from '@gatehouse/contract/brokers/broker'
import type { BrokerLimits } from '@gatehouse/contract/brokers/limits'
import type { StoredListener } from '@gatehouse/contract/brokers/listeners'
import type { MqttSession } from '@gatehouse/contract/brokers/mqtt-sessions'
import type { TopicMessage } from '@gatehouse/contract/brokers/topics'
import type { CertificateCheck } from '@gatehouse/contract/certificates/check'
import type { Expiries } from '@gatehouse/contract/certificates/expiry'
import type { PublishOutcome } from '@gatehouse/mqtt/own-messages'
import type { SystemTopicOptions } from '@gatehouse/mqtt/system-topics'
import type { AdmissionRule } from '../../access/decision/admission.ts'
import type { UserFacts } from '../../access/decision/facts.ts'
import type { SeenCertificate } from '../../certificates/seen/store.ts'
import type {
  AuthorityChange,
  ChainExamples,
  PathChange,
  RevocationChange,
  TrustImpact,
} from '../../certificates/trust/changes.ts'
import type { DatabasePlace } from '../../platform/db/open.ts'
import type { AdmitResult, AdmittedDevice } from '../admission/admit.ts'
import type { ConnectionSearch } from '../connections/lists.ts'
import type { DecisionReport } from '../decisions/report.ts'
import type { ListenerEnvironment } from '../listeners/environment.ts'
import type { ListenerRecord } from '../listeners/listener.ts'
import type { RetainedList, RetainedView } from '../retained/lists.ts'
import type { OpenedView, ViewChanges, ViewRequest } from '../topics/topic-views.ts'
import type { IdentityClaim } from '../upstreams/identities-store.ts'
import type { Answer, Call } from './rpc.ts'
import type { ServerCertificate } from './tls-handshake.ts'

export interface DecisionSearch {
  after?: number | undefined
  outcome?: Decision['outcome'] | undefined
  /** The name of a listener. */
  listener?: string | undefined
  search?: string | undefined
  /** RFC 3339. */
  since?: string | undefined
}

/** For the overview. */
export interface BrokerFigures {
  /** Refusals since then. `isMore`: older ones of that time are no longer in memory. */
  refused: number
  isMore: boolean
  /** Certificates of live connections. */
  expiries: Expiries
}

export interface BrokerStatus {
  trustedSince: string
  authorities: number
  /** Of MQTT. */
  connections: number
  /** Of the HTTP edge. */
  edgeConnections: number
  sessions: number
  retained: number
  retainedBytes: number
  loopDelaySeconds: number
  /** The last change of the log that is enforced. */
  appliedChange: number
}

/** A listener as the broker has it open, or fails to open it. */
export interface ListenerReport extends Listener {
  id: string
  /** Null: it does not listen. */
  boundPort: number | null
  error: StoredListener['status']['error']
  connections: number
}

type RevocationChangeOf<K extends string> = Extract<RevocationChange, Record<K, unknown>>[K]
type MaybePromise<T> = T | Promise<T>

/** What the main thread calls in the broker's thread. */
export interface BrokerCalls {
  /** Resolves when these changes of the log are enforced. Returns how many connections they ended. */
  waitFor(sequences: readonly number[]): MaybePromise<number>
  /** How many connections would end if the user had these facts. Null: if the user was deleted. */
  impactOnUser(userId: string, facts: UserFacts | null): MaybePromise<number>
  /** How many connections of these users would end if their identity provider were disabled. */
  impactOnOrigin(of: { userIds: readonly string[]; keepsCertificates: boolean }): MaybePromise<number>
  impactOnAuthority(fingerprint: string, change: AuthorityChange): MaybePromise<TrustImpact>
  impactOnRevocation(revoke: RevocationChangeOf<'revoke'>): MaybePromise<TrustImpact>
  /** How many connections would end if the listener were changed so. */
  impactOnListener(next: ListenerRecord): MaybePromise<number>
  impactOnList(list: RevocationChangeOf<'list'>): MaybePromise<TrustImpact>
  pathsAfter(
    fingerprint: string,
    asked: { change: AuthorityChange; examples: ChainExamples },
  ): MaybePromise<PathChange[]>
  /** The number of live connections of a user. */
  connectionsOf(userId: string): MaybePromise<number>
  /** By fingerprint of the CA: the live connections whose certificates lead to it, and the number of their users. */
  connectionsByAuthority(): MaybePromise<Map<string, { connections: number; users: number }>>
  figures(since: string): MaybePromise<BrokerFigures>
  /** Of MQTT and of the HTTP edge. */
  connections(search: ConnectionSearch): MaybePromise<{ items: Connection[]; total: number }>
  connection(connectionId: string): MaybePromise<{ found: Connection | null }>
  /** Would a client that presents this chain (DER, the leaf first) be admitted? `found` null: there is no listener with this id. */
  checkCertificate(
    presented: readonly Uint8Array[],
    listener?: string,
  ): MaybePromise<{ found: CertificateCheck | null }>
  /** The chain that a live connection presented (DER, the leaf first). Empty: none, or the connection has ended. */
  presentedBy(connectionId: string): MaybePromise<{ presented: Uint8Array[] }>
  /** Returns whether there was such a connection. */
  close(connectionId: string): MaybePromise<boolean>
  decisions(search: DecisionSearch): MaybePromise<Decision[]>
  sessions(search?: string): MaybePromise<{ items: MqttSession[]; total: number }>
  session(clientId: string): MaybePromise<{ found: MqttSession | null }>
  /** Returns whether this user had such a session. One that another user began meanwhile stays. */
  dropSession(clientId: string, userId: string): MaybePromise<boolean>
  retained(filter: string): MaybePromise<RetainedList>
  /** The message of one topic, with its payload. */
  retainedOn(topic: string): MaybePromise<{ found: RetainedView | null }>
  /** Deletes what matches, within a bound. */
  clearRetained(filter: string): MaybePromise<{ cleared: number; isMore: boolean }>
  openTopicView(request: ViewRequest): MaybePromise<OpenedView>
  topicChanges(viewId: number): MaybePromise<ViewChanges>
  closeTopicView(viewId: number): MaybePromise<void>
  topicMessage(topic: string, how: { isWhole: boolean }): MaybePromise<{ found: TopicMessage | null }>
  /** The caller has judged it. */
  publishMessage(message: NewMessage): MaybePromise<PublishOutcome>
  status(): MaybePromise<BrokerStatus>
  replaceServerCertificate(certificate: ServerCertificate): MaybePromise<void>
  listenerReports(): MaybePromise<ListenerReport[]>
  stop(): MaybePromise<void>
}

/** A message that a person publishes in the console. */
export interface NewMessage {
  topic: string
  payload: Uint8Array
  qos: 0 | 1 | 2
  retain: boolean
  userId: string
}

export interface PasswordAttempt {
  username: string
  password: string
  address: string
}

/** `busy`: the password cannot be checked now, such as when a directory does not answer. */
export type PasswordResult = 'right' | 'wrong' | 'throttled' | 'busy'

/**
 * A refusal that takes at least this long, counted from the beginning of the check. Its time must not show whether a directory was
 * involved.
 */
export interface SlowRefusal {
  result: 'wrong' | 'busy'
  lastsMs: number
}

/** What was decided since the last report, and the most connections at a time. */
export interface BrokerStats {
  decisions: { outcome: Decision['outcome']; reason: Decision['reason']; count: number }[]
  /** Messages that were not delivered, by reason. */
  drops: { reason: string; count: number }[]
  mostConnections: number
}

/** A user signed in. */
export interface Seen {
  userId: string
  at: string
}

/** What the broker's thread calls in the main thread. */
export interface HostCallbacks {
  /** Counts, throttles and verifies. Takes as long for an unknown user. */
  checkPassword(attempt: PasswordAttempt): Promise<PasswordResult | SlowRefusal>
  /** At most once every five seconds. */
  onSeen(seen: readonly Seen[]): void
  /** At most once every five seconds: the certificates that clients were admitted with. */
  onCertificatesSeen(seen: readonly SeenCertificate[]): void
  /** At most once every five seconds. */
  onStats(stats: BrokerStats): void
  /** At most once every five seconds: the decisions to keep. */
  onDecisions(report: DecisionReport): void
  /** The admission rules that are on, with the facts of this moment. */
  admissionRules(): Promise<AdmissionRule[]>
  /** Creates the user of a device that a rule admits. */
  admitDevice(device: AdmittedDevice): Promise<AdmitResult>
  /** The own server certificate of a listener, with its key. Null: it has none. */
  readListenerCertificate(id: string): Promise<ServerCertificate | null>
  /** The password or the token of an upstream. Null: it has none. */
  readUpstreamSecret(id: string): Promise<string | null>
  /** Does this identity on a Mender server belong to this user? The first user that asks gets it. */
  claimIdentity(claim: IdentityClaim): Promise<boolean>
}

export interface OpenListeners {
  listeners: Listener[]
  /** Those that should be open, and are not. */
  failed: FailedListener[]
  /** By id of the listener. */
  boundPorts: Record<string, number>
}

export interface LogLine {
  level: 'info' | 'warn' | 'error'
  message: string
  facts: Record<string, unknown>
}

export type ToBroker = Call | Answer
export type FromBroker =
  | Call
  | Answer
  /** At the start, and whenever listeners were opened or closed. */
  | ({ type: 'listening' } & OpenListeners)
  /** `isSettings`: the message says what is wrong in the words of `BadSettings`. */
  | { type: 'failed'; error: string; isSettings: boolean }
  | ({ type: 'log' } & LogLine)

/** What the thread is started with. */
export interface BrokerSettings {
  database: DatabasePlace
  /** The folder of sessions and messages is in it. Only one broker may use it: the server locks its data folder. */
  dataDir: string
  environment: ListenerEnvironment
  /** For the listeners that have none of their own. */
  serverCertificate: ServerCertificate
  /** The socket file of MQTT on the console's port. Null: it is off. */
  privateSocket: string | null
  /** By the id of a listener: the port that the system chose for it before the thread was restarted. */
  boundPorts: Readonly<Record<string, number>>
  limits: BrokerLimits
  /** Of the `$SYS` topics. Null: there are none. */
  systemTopics: SystemTopicOptions | null
  /** Addresses and networks that many clients connect from. */
  trustedProxies: string[]
  /** Float64 milliseconds, for tests. Null in production. */
  clockOffset: SharedArrayBuffer | null
}

export interface Log {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** What the main thread starts the broker with. */
export interface BrokerOptions extends BrokerSettings, HostCallbacks {
  log: Log
}
