import type { BrokerLimits } from '@gatehouse/contract/brokers/limits'
import { defaultLimits, type Limits, type Rate } from '@gatehouse/mqtt/limits'

// As long as for the handshake before it, and for the same reason.
const connectTimeoutMs = 30_000
/** The burst of CONNECTs, in seconds of the rate: all devices of a user may come back together. */
const connectBurstSeconds = 25

/** The engine's limits for the bounds of the settings. The others are the engine's defaults. */
export function toEngineLimits(limits: BrokerLimits): Partial<Limits> {
  const { subscriptionsPerSession, queued, connections, sessions } = defaultLimits
  return {
    connectTimeoutMs,
    packetBytes: limits.packetBytes,
    topicLevels: limits.topicLevels,
    sessionExpiryMaxSeconds: limits.sessionExpirySeconds,
    subscriptionsPerSession: { ...subscriptionsPerSession, count: limits.subscriptions },
    queuePerSession: { count: limits.queued, bytes: limits.queuedBytes },
    queued: {
      perUser: { ...queued.perUser, bytes: limits.queuedBytesPerUser },
      total: { ...queued.total, bytes: limits.queuedBytesInAll },
    },
    connections: {
      perUser: { ...connections.perUser, count: limits.connectionsPerUser },
      total: { ...connections.total, count: limits.connections },
    },
    sessions: {
      perUser: { ...sessions.perUser, count: limits.sessionsPerUser },
      total: { ...sessions.total, count: limits.sessions },
    },
    retained: {
      perUser: { count: limits.retainedPerUser, bytes: limits.retainedBytesPerUser },
      total: { count: limits.retained, bytes: limits.retainedBytes },
    },
    connectRate: {
      perSecond: limits.connectsPerSecond,
      burst: limits.connectsPerSecond * connectBurstSeconds,
    },
    publishRate: toRate(limits.publishesPerSecond),
    userPublishRate: toRate(limits.publishesPerSecondOfUser),
  }
}

/** A second's messages at once. */
function toRate(perSecond: number | null): Rate {
  const bound = perSecond ?? Number.POSITIVE_INFINITY
  return { perSecond: bound, burst: bound }
}
