/** The bounds of the broker on everything that clients can make grow. They come from the server's settings. */
import * as z from 'zod/mini'

const count = z.number()

export const BrokerLimits = z.object({
  /** The largest packet after CONNECT. */
  packetBytes: count,
  topicLevels: count,
  connections: count,
  connectionsPerUser: count,
  /** Connected and stored. */
  sessions: count,
  sessionsPerUser: count,
  /** How long a session without a connection is kept. */
  sessionExpirySeconds: count,
  /** Of one session. */
  subscriptions: count,
  /** Messages that wait for one session. */
  queued: count,
  queuedBytes: count,
  queuedBytesPerUser: count,
  queuedBytesInAll: count,
  /** Messages that one user has retained, and all users. */
  retainedPerUser: count,
  retained: count,
  retainedBytesPerUser: count,
  retainedBytes: count,
  /** CONNECTs of one user. */
  connectsPerSecond: count,
  /** PUBLISH packets of one connection, and of all connections of one user. Null: no bound. */
  publishesPerSecond: z.nullable(count),
  publishesPerSecondOfUser: z.nullable(count),
})
export type BrokerLimits = z.output<typeof BrokerLimits>
