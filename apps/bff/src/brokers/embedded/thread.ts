/** The console's side of the broker: what `start.ts` starts, and what the features see through ports of their own. */
import type { Connection, Decision, Listener } from '@gatehouse/contract/brokers/broker'
import type { CertificateCheck } from '@gatehouse/contract/certificates/check'
import type { ExpiryWindow } from '@gatehouse/contract/certificates/expiry'
import type { UserFacts } from '../../access/decision/facts.ts'
import type { SeenCertificate } from '../../certificates/seen/store.ts'
import type {
  AuthorityChange,
  RevocationChange,
  TrustImpact,
  VouchingChange,
  VouchingExamples,
} from '../../certificates/trust/changes.ts'
import type { DatabasePlace } from '../../platform/db/open.ts'
import type {
  BrokerFigures,
  BrokerStatus,
  DecisionSearch,
  PasswordAttempt,
  PlainSettings,
  Seen,
  TlsSettings,
  Told,
} from './port.ts'
import { ThreadKeeper } from './supervisor.ts'

interface Log {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

export interface BrokerOptions {
  database: DatabasePlace
  plain: PlainSettings | null
  tls: TlsSettings | null
  /** Addresses and networks that many clients come from. */
  trustedProxies: string[]
  /** Int32 milliseconds, for tests; null in production. */
  clockOffset: SharedArrayBuffer | null
  /** Counts, throttles and verifies; the same cost for an unknown user. */
  checkPassword(attempt: PasswordAttempt): Promise<'right' | 'wrong' | 'throttled'>
  /** At most once every five seconds. */
  onSeen(seen: readonly Seen[]): void
  /** Likewise: with which certificates clients came in. */
  onCertificatesSeen(seen: readonly SeenCertificate[]): void
  /** Likewise: what was decided, and how many were connected. */
  onTold(told: Told): void
  log: Log
}

type ChangeOf<K extends string> = Extract<RevocationChange, Record<K, unknown>>[K]

/** Null everywhere: the broker did not confirm within two seconds. */
export interface Broker {
  readonly listeners: readonly Listener[]
  /** Waits until these changes of the log are enforced. Returns how many connections they ended. */
  waitFor(sequences: readonly number[]): Promise<number | null>
  /** How many connections would close if the user were like this (null: deleted). */
  impactOnUser(userId: string, facts: UserFacts | null): Promise<number | null>
  impactOnAuthority(fingerprint: string, change: AuthorityChange): Promise<TrustImpact | null>
  vouchingAfter(
    fingerprint: string,
    asked: { change: AuthorityChange; examples: VouchingExamples },
  ): Promise<VouchingChange[] | null>
  impactOnRevocation(revoke: ChangeOf<'revoke'>): Promise<TrustImpact | null>
  impactOnList(list: ChangeOf<'list'>): Promise<TrustImpact | null>
  /** DER of the certificates that a live connection has shown, the leaf first. */
  presentedBy(connectionId: string): Promise<{ presented: Uint8Array[] } | null>
  connectionsOf(userId: string): Promise<number | null>
  /** By fingerprint of the authority. */
  vouchedFor(): Promise<Map<string, { connections: number; users: number }> | null>
  connections(search?: string, expires?: ExpiryWindow): Promise<{ items: Connection[]; total: number } | null>
  connection(connectionId: string): Promise<{ found: Connection | null } | null>
  /** Would a client that presents these, DER and the leaf first, be admitted? */
  checkCertificate(presented: readonly Uint8Array[]): Promise<CertificateCheck | null>
  figures(since: string): Promise<BrokerFigures | null>
  /** Answers whether there was such a connection. */
  close(connectionId: string): Promise<boolean | null>
  decisions(search: DecisionSearch): Promise<Decision[] | null>
  status(): Promise<BrokerStatus | null>
  isRunning(): boolean
  replaceServerCertificate(tls: { cert: string; key: string }): Promise<void>
  stop(): Promise<void>
}

/** Rejects when a listener cannot be opened. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const keeper = new ThreadKeeper(options)
  await keeper.start()
  const ask = keeper.ask.bind(keeper)
  return {
    get listeners() {
      return keeper.listeners
    },
    waitFor: (sequences) => (sequences.length === 0 ? Promise.resolve(0) : ask('enforced', { sequences })),
    impactOnUser: (userId, facts) => ask('impactOnUser', { userId, facts }),
    impactOnAuthority: (authority, change) => ask('impactOnTrust', { authority, change }),
    vouchingAfter: (authority, asked) => ask('vouchingAfter', { authority, ...asked }),
    impactOnRevocation: (revoke) => ask('impactOnTrust', { revoke }),
    impactOnList: (list) => ask('impactOnTrust', { list }),
    presentedBy: (connectionId) => ask('presentedBy', { connectionId }),
    connectionsOf: (userId) => ask('connectionsOf', { userId }),
    vouchedFor: async () => {
      const list = await ask('vouchedFor', null)
      return list && new Map(list.map(({ fingerprint, ...counts }) => [fingerprint, counts]))
    },
    figures: (since) => ask('figures', { since }),
    connections: (search, expires) => ask('connections', { search, expires }),
    connection: (connectionId) => ask('connection', { connectionId }),
    checkCertificate: (presented) => ask('checkCertificate', { presented }),
    close: (connectionId) => ask('close', { connectionId }),
    decisions: (search) => ask('decisions', search),
    status: () => ask('status', null),
    isRunning: () => keeper.isRunning,
    replaceServerCertificate: (tls) => keeper.replaceServerCertificate(tls),
    stop: () => keeper.stop(),
  }
}
