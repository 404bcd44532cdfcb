/** The bounds of everything that a client can make grow, with their defaults. A full store refuses the newcomer and keeps what it has. */

/** A bound by number and by weight. */
export interface Bound {
  count: number
  bytes: number
}

/** A bound for what one user causes, and one for all users together. */
export interface Share {
  perUser: Bound
  total: Bound
}

/** A token bucket: `perSecond` on average, `burst` at once. */
export interface Rate {
  perSecond: number
  burst: number
}

export interface Limits {
  /** The largest CONNECT, in bytes with its header. Nobody is identified before it. */
  connectPacketBytes: number
  /** The largest packet after CONNECT. Announced to MQTT 5 clients as Maximum Packet Size. */
  packetBytes: number
  /** Longer client ids are refused. The specification demands that 23 bytes are allowed. */
  clientIdBytes: number
  /** A connection that has not sent a whole CONNECT by then is closed. */
  connectTimeoutMs: number
  /** MQTT 5 clients that want a longer keep alive, or none, get this one (Server Keep Alive). */
  keepAliveMaxSeconds: number
  filtersPerPacket: number
  /** Topics and filters with more levels are refused. The specification has no such bound, and allows 65,535 bytes. */
  topicLevels: number
  /** QoS 2 messages of one session that are not released yet, and the Receive Maximum that CONNACK announces. */
  receiveMaximum: number
  /** Topic aliases that a client may set, and that the engine sets for a client that accepts them. */
  topicAliases: number
  /** The topics of all aliases that one client has set. */
  topicAliasBytes: number
  /** Longer wishes are cut, and MQTT 5 clients are told so. MQTT 3.1.1 sessions that are not clean last this long. */
  sessionExpiryMaxSeconds: number
  /** Unacknowledged messages on their way to one client, if its own Receive Maximum is not smaller. */
  sendMaximum: number
  /** Bytes that wait for one client's network. Above, QoS 0 messages for it are dropped and its packets wait. */
  outgoingBytes: number
  /** The same for all clients together. Above, a client counts as slow when 16 KiB wait for it. */
  outgoingBytesTotal: number
  /**
   * Bytes of all clients together, of packets that have not arrived completely or that wait while their client is not read. Above,
   * a client is closed whose incomplete packet grows, or with which more than 16 KiB wait.
   */
  incomingBytesTotal: number
  /** Subscriptions of one session. The weight of a filter is its bytes and 200 for each level. */
  subscriptionsPerSession: Bound
  /** QoS 1 and 2 messages that wait for one session, with those in flight. */
  queuePerSession: Bound
  connections: Share
  /** The weight of a session is its client id and its memo. */
  sessions: Share
  subscriptions: Share
  queued: Share
  /** Retained messages count for the user who published them last. Each level of the topic after the third weighs 200. */
  retained: Share
  wills: Share
  /** CONNECTs of one user. */
  connectRate: Rate
  /** PUBLISH packets of one connection. A client above it is read more slowly; it loses nothing. */
  publishRate: Rate
  /** How long a publisher waits for subscribers that read more slowly than it writes. It regains a tenth of the time that passes. */
  publisherPatienceMs: number
  /** PUBLISH packets of all connections of one user. */
  userPublishRate: Rate
}

const mebibyte = 1_048_576
const unbounded = Number.POSITIVE_INFINITY

export const defaultLimits: Limits = {
  connectPacketBytes: 128 * 1024,
  packetBytes: mebibyte,
  clientIdBytes: 1024,
  connectTimeoutMs: 10_000,
  keepAliveMaxSeconds: 3600,
  filtersPerPacket: 500,
  topicLevels: 200,
  receiveMaximum: 1000,
  topicAliases: 16,
  topicAliasBytes: 128 * 1024,
  sessionExpiryMaxSeconds: 7 * 86_400,
  sendMaximum: 256,
  outgoingBytes: mebibyte,
  outgoingBytesTotal: 256 * mebibyte,
  incomingBytesTotal: 128 * mebibyte,
  subscriptionsPerSession: { count: 1000, bytes: 2 * mebibyte },
  queuePerSession: { count: 10_000, bytes: 8 * mebibyte },
  connections: { perUser: { count: 10_000, bytes: unbounded }, total: { count: 50_000, bytes: unbounded } },
  sessions: {
    perUser: { count: 10_000, bytes: 32 * mebibyte },
    total: { count: 100_000, bytes: 256 * mebibyte },
  },
  subscriptions: {
    perUser: { count: 50_000, bytes: 32 * mebibyte },
    total: { count: 500_000, bytes: 256 * mebibyte },
  },
  queued: { perUser: { count: 100_000, bytes: 64 * mebibyte }, total: { count: 1_000_000, bytes: 256 * mebibyte } },
  retained: { perUser: { count: 100_000, bytes: 64 * mebibyte }, total: { count: 500_000, bytes: 256 * mebibyte } },
  wills: { perUser: { count: 10_000, bytes: 16 * mebibyte }, total: { count: 50_000, bytes: 64 * mebibyte } },
  connectRate: { perSecond: 200, burst: 5000 },
  publishRate: { perSecond: unbounded, burst: unbounded },
  publisherPatienceMs: 2000,
  userPublishRate: { perSecond: unbounded, burst: unbounded },
}
