/** Reads the packets that a client may send after CONNECT. Strict: what the specification does not allow is refused here. */
import { ByteReader, malformed } from './byte-reader.ts'
import type { Frame } from './frames.ts'
import { PacketError } from './packet-error.ts'
import type {
  Acknowledgement,
  Disconnect,
  Packet,
  Publish,
  QoS,
  Subscribe,
  SubscriptionRequest,
  Unsubscribe,
  Version,
} from './packets.ts'
import { readProperties } from './properties.ts'
import { reasonCodes } from './reason-codes.ts'
import { isTopicName } from './text.ts'

/** The packet type is the high half of the first byte (§2.1.2). */
export const packetTypes = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const

export interface DecodeLimits {
  /** The most topic filters that one SUBSCRIBE or UNSUBSCRIBE may carry. */
  filtersPerPacket: number
}

/**
 * Decodes a packet that follows CONNECT. Payloads share the memory of the frame: copy what is kept.
 * @throws PacketError with the reason code for DISCONNECT.
 */
export function decode({ first, body }: Frame, version: Version, limits: DecodeLimits): Packet {
  const type = first >> 4
  if (type === packetTypes.publish) return decodePublish(first & 15, body, version)
  checkFlags(type, first & 15)
  const reader = new ByteReader(body)
  switch (type) {
    case packetTypes.puback:
      return readAcknowledgement(reader, 'puback', version)
    case packetTypes.pubrec:
      return readAcknowledgement(reader, 'pubrec', version)
    case packetTypes.pubrel:
      return readAcknowledgement(reader, 'pubrel', version)
    case packetTypes.pubcomp:
      return readAcknowledgement(reader, 'pubcomp', version)
    case packetTypes.subscribe:
      return readSubscribe(reader, version, limits)
    case packetTypes.unsubscribe:
      return readUnsubscribe(reader, version, limits)
    case packetTypes.pingreq:
      reader.expectEnd()
      return { type: 'pingreq' }
    case packetTypes.disconnect:
      return readDisconnect(reader, version)
    case packetTypes.auth:
      if (version === 5) return { type: 'auth' }
      break
  }
  throw new PacketError(reasonCodes.protocolError, `a client must not send packet type ${type} here`)
}

/** The flags of all packets but PUBLISH are fixed [MQTT-2.1.3-1]. */
function checkFlags(type: number, flags: number): void {
  const isTwo = type === packetTypes.pubrel || type === packetTypes.subscribe || type === packetTypes.unsubscribe
  if (flags !== (isTwo ? 2 : 0)) throw malformed('the flags of the fixed header are not those of the packet type')
}

function decodePublish(flags: number, body: Buffer, version: Version): Publish {
  const qos = (flags >> 1) & 3
  const dup = (flags & 8) !== 0
  if (qos === 3) throw malformed('the QoS of PUBLISH is 3')
  if (dup && qos === 0) throw malformed('DUP is set with QoS 0')
  const reader = new ByteReader(body)
  const topic = reader.text()
  const packetId = qos === 0 ? 0 : reader.packetId()
  const properties = version === 5 ? readProperties(reader, 'publish') : {}
  const isAliased = topic === '' && properties.topicAlias !== undefined
  if (!isAliased && !isTopicName(topic)) {
    // MQTT 5 calls an empty topic without an alias a protocol error (§3.3.2.1), a wildcard an invalid topic.
    const code = topic === '' ? reasonCodes.protocolError : reasonCodes.topicNameInvalid
    throw new PacketError(code, 'the topic of PUBLISH is empty or contains a wildcard')
  }
  const payload = reader.rest()
  return { type: 'publish', topic, payload, qos: qos as QoS, retain: (flags & 1) !== 0, dup, packetId, properties }
}

function readAcknowledgement(reader: ByteReader, type: Acknowledgement['type'], version: Version): Acknowledgement {
  const packetId = reader.packetId()
  let reasonCode: number = reasonCodes.success
  if (version === 5 && reader.left > 0) {
    reasonCode = reader.byte()
    if (reader.left > 0) readProperties(reader, 'acknowledgement')
  }
  reader.expectEnd()
  return { type, packetId, reasonCode }
}

function readSubscribe(reader: ByteReader, version: Version, limits: DecodeLimits): Subscribe {
  const packetId = reader.packetId()
  const properties = version === 5 ? readProperties(reader, 'subscribe') : {}
  const subscriptions: SubscriptionRequest[] = []
  while (reader.left > 0) {
    checkFilterCount(subscriptions.length, limits)
    subscriptions.push(readSubscription(reader, version))
  }
  if (subscriptions.length === 0) throw new PacketError(reasonCodes.protocolError, 'SUBSCRIBE has no filter')
  return { type: 'subscribe', packetId, subscriptions, properties }
}

function readSubscription(reader: ByteReader, version: Version): SubscriptionRequest {
  const filter = reader.text()
  const options = reader.byte()
  const qos = options & 3
  const retainHandling = (options >> 4) & 3
  // The upper bits are reserved: two in MQTT 5 [MQTT-3.8.3-5], six in MQTT 3.1.1 [MQTT-3-8.3-4].
  if (options & (version === 5 ? 0xc0 : 0xfc)) throw malformed('reserved bits of a subscription are set')
  if (qos === 3) throw malformed('the QoS of a subscription is 3')
  if (retainHandling === 3) throw new PacketError(reasonCodes.protocolError, 'retain handling is 3')
  return {
    filter,
    qos: qos as QoS,
    noLocal: (options & 4) !== 0,
    retainAsPublished: (options & 8) !== 0,
    retainHandling: retainHandling as 0 | 1 | 2,
  }
}

function readUnsubscribe(reader: ByteReader, version: Version, limits: DecodeLimits): Unsubscribe {
  const packetId = reader.packetId()
  if (version === 5) readProperties(reader, 'unsubscribe')
  const filters: string[] = []
  while (reader.left > 0) {
    checkFilterCount(filters.length, limits)
    filters.push(reader.text())
  }
  if (filters.length === 0) throw new PacketError(reasonCodes.protocolError, 'UNSUBSCRIBE has no filter')
  return { type: 'unsubscribe', packetId, filters }
}

function checkFilterCount(count: number, { filtersPerPacket }: DecodeLimits): void {
  if (count >= filtersPerPacket) {
    throw new PacketError(reasonCodes.quotaExceeded, `the packet has more than ${filtersPerPacket} filters`)
  }
}

function readDisconnect(reader: ByteReader, version: Version): Disconnect {
  let reasonCode: number = reasonCodes.success
  let properties = {}
  if (version === 5 && reader.left > 0) {
    reasonCode = reader.byte()
    if (reader.left > 0) properties = readProperties(reader, 'disconnect')
  }
  reader.expectEnd()
  return { type: 'disconnect', reasonCode, properties }
}
