/** Reads CONNECT (MQTT 5.0 §3.1, MQTT 3.1.1 §3.1). */
import { ByteReader, malformed } from './byte-reader.ts'
import { PacketError } from './packet-error.ts'
import type { Connect, QoS, Version, WillFields } from './packets.ts'
import { readProperties } from './properties.ts'
import { reasonCodes } from './reason-codes.ts'
import { isTopicName } from './text.ts'

/** The client speaks a version that the server does not know. The answer is a CONNACK of MQTT 3.1.1 [MQTT-3.1.2-2]. */
export class UnsupportedVersionError extends PacketError {
  constructor(level: number) {
    super(reasonCodes.unsupportedProtocolVersion, `protocol level ${level} is not supported`)
  }
}

const flag = { reserved: 0x01, clean: 0x02, will: 0x04, willRetain: 0x20, password: 0x40, username: 0x80 }

/**
 * @param body the packet after its fixed header. Payloads and passwords of the result share its memory.
 * @throws PacketError; UnsupportedVersionError for another protocol level.
 */
export function decodeConnect(body: Buffer): Connect {
  const reader = new ByteReader(body)
  const version = readVersion(reader)
  const flags = readFlags(reader, version)
  const keepAliveSeconds = reader.uint16()
  const properties = version === 5 ? readProperties(reader, 'connect') : {}
  // The order of the payload's fields is fixed [MQTT-3.1.3-1].
  const clientId = reader.text()
  const will = flags & flag.will ? readWill(reader, flags, version) : undefined
  const username = flags & flag.username ? reader.text() : undefined
  const password = flags & flag.password ? reader.binary() : undefined
  reader.expectEnd()
  const isClean = (flags & flag.clean) !== 0
  return { type: 'connect', version, clientId, isClean, keepAliveSeconds, username, password, will, properties }
}

function readVersion(reader: ByteReader): Version {
  const name = reader.text()
  const level = reader.byte()
  if (name === 'MQIsdp' && level === 3) return 4
  if (name !== 'MQTT') throw new PacketError(reasonCodes.unsupportedProtocolVersion, 'the protocol name is not MQTT')
  if (level !== 4 && level !== 5) throw new UnsupportedVersionError(level)
  return level
}

function readFlags(reader: ByteReader, version: Version): number {
  const flags = reader.byte()
  if (flags & flag.reserved) throw malformed('the reserved flag of CONNECT is set')
  if (willQos(flags) === 3) throw malformed('the QoS of the will is 3')
  if (!(flags & flag.will) && (willQos(flags) !== 0 || flags & flag.willRetain)) {
    throw malformed('CONNECT has will flags without a will')
  }
  // MQTT 5 allows a password without a user name, MQTT 3.1.1 does not [MQTT-3.1.2-22].
  if (version === 4 && flags & flag.password && !(flags & flag.username)) {
    throw malformed('CONNECT has a password without a user name')
  }
  return flags
}

function readWill(reader: ByteReader, flags: number, version: Version): WillFields {
  const properties = version === 5 ? readProperties(reader, 'will') : {}
  const topic = reader.text()
  if (!isTopicName(topic)) throw new PacketError(reasonCodes.topicNameInvalid, 'the topic of the will is not valid')
  const payload = reader.binary()
  const qos = willQos(flags) as QoS
  return { topic, payload, qos, retain: (flags & flag.willRetain) !== 0, properties }
}

function willQos(flags: number): number {
  return (flags >> 3) & 3
}
