/** The settings for the bounds of the broker. */
import { maxTopicLevels } from '@gatehouse/contract/access/topic'
import type { BrokerLimits } from '@gatehouse/contract/brokers/limits'
import * as z from 'zod/mini'

const mebibyte = 1024 * 1024

/** A whole number of at least 1. */
function number(most = 999_999_999) {
  const isValid = (text: string) => /^[1-9]\d{0,8}$/.test(text) && Number(text) <= most
  return z.pipe(z.string().check(z.refine(isValid, `a whole number, 1 to ${most}`)), z.transform(Number))
}

/** The largest packet of MQTT is 256 MiB. */
const mostPacketKib = 262_144
/** Larger bounds in MiB are no bounds on any machine that we know. */
const mostMib = 1_048_576
const mostHours = 1_000_000

const mib = number(mostMib)
const rateOrOff = z.union([z.literal('off'), number()], 'a whole number from 1, or off')

export const mqttLimitVariables = {
  GATEHOUSE_MQTT_MAX_PACKET_KIB: z._default(number(mostPacketKib), 1_024),
  GATEHOUSE_MQTT_MAX_CONNECTIONS: z._default(number(), 10_000),
  GATEHOUSE_MQTT_MAX_CONNECTIONS_PER_USER: z._default(number(), 10_000),
  GATEHOUSE_MQTT_MAX_SESSIONS: z._default(number(), 100_000),
  GATEHOUSE_MQTT_MAX_SESSIONS_PER_USER: z._default(number(), 10_000),
  GATEHOUSE_MQTT_SESSION_HOURS: z._default(number(mostHours), 168),
  GATEHOUSE_MQTT_MAX_SUBSCRIPTIONS: z._default(number(), 1_000),
  GATEHOUSE_MQTT_MAX_QUEUED: z._default(number(), 10_000),
  GATEHOUSE_MQTT_MAX_QUEUED_MIB: z._default(mib, 8),
  GATEHOUSE_MQTT_MAX_QUEUED_MIB_PER_USER: z._default(mib, 64),
  GATEHOUSE_MQTT_MAX_QUEUED_MIB_IN_ALL: z._default(mib, 256),
  GATEHOUSE_MQTT_MAX_RETAINED: z._default(number(), 500_000),
  GATEHOUSE_MQTT_MAX_RETAINED_PER_USER: z._default(number(), 100_000),
  GATEHOUSE_MQTT_MAX_RETAINED_MIB: z._default(mib, 256),
  GATEHOUSE_MQTT_MAX_RETAINED_MIB_PER_USER: z._default(mib, 64),
  GATEHOUSE_MQTT_CONNECT_RATE: z._default(number(), 200),
  GATEHOUSE_MQTT_PUBLISH_RATE: z._default(rateOrOff, 'off'),
  GATEHOUSE_MQTT_PUBLISH_RATE_PER_USER: z._default(rateOrOff, 'off'),
}

export const systemTopicVariables = {
  /** Seconds between two updates of the `$SYS` topics. */
  GATEHOUSE_MQTT_SYS_INTERVAL: z._default(
    z.union([z.literal('off'), number(86_400)], 'a whole number of seconds, 1 to 86400, or off'),
    10,
  ),
}

const LimitVariables = z.object(mqttLimitVariables)

export function readMqttLimits(given: z.output<typeof LimitVariables>): BrokerLimits {
  return {
    packetBytes: given.GATEHOUSE_MQTT_MAX_PACKET_KIB * 1_024,
    topicLevels: maxTopicLevels,
    connections: given.GATEHOUSE_MQTT_MAX_CONNECTIONS,
    connectionsPerUser: given.GATEHOUSE_MQTT_MAX_CONNECTIONS_PER_USER,
    sessions: given.GATEHOUSE_MQTT_MAX_SESSIONS,
    sessionsPerUser: given.GATEHOUSE_MQTT_MAX_SESSIONS_PER_USER,
    sessionExpirySeconds: given.GATEHOUSE_MQTT_SESSION_HOURS * 3_600,
    subscriptions: given.GATEHOUSE_MQTT_MAX_SUBSCRIPTIONS,
    queued: given.GATEHOUSE_MQTT_MAX_QUEUED,
    queuedBytes: given.GATEHOUSE_MQTT_MAX_QUEUED_MIB * mebibyte,
    queuedBytesPerUser: given.GATEHOUSE_MQTT_MAX_QUEUED_MIB_PER_USER * mebibyte,
    queuedBytesInAll: given.GATEHOUSE_MQTT_MAX_QUEUED_MIB_IN_ALL * mebibyte,
    retained: given.GATEHOUSE_MQTT_MAX_RETAINED,
    retainedPerUser: given.GATEHOUSE_MQTT_MAX_RETAINED_PER_USER,
    retainedBytes: given.GATEHOUSE_MQTT_MAX_RETAINED_MIB * mebibyte,
    retainedBytesPerUser: given.GATEHOUSE_MQTT_MAX_RETAINED_MIB_PER_USER * mebibyte,
    connectsPerSecond: given.GATEHOUSE_MQTT_CONNECT_RATE,
    publishesPerSecond: rateOf(given.GATEHOUSE_MQTT_PUBLISH_RATE),
    publishesPerSecondOfUser: rateOf(given.GATEHOUSE_MQTT_PUBLISH_RATE_PER_USER),
  }
}

/** The bounds of a server without settings. */
export function defaultMqttLimits(): BrokerLimits {
  return readMqttLimits(LimitVariables.parse({}))
}

function rateOf(given: number | 'off'): number | null {
  return given === 'off' ? null : given
}
