/** Writes the packets that a server sends. */
import { packetTypes } from './decode.ts'
import type { QoS, Version } from './packets.ts'
import { connackReturnCode, reasonCodes } from './reason-codes.ts'

const noProperties = Buffer.from([0])
const empty = Buffer.alloc(0)

export const pingresp = Buffer.from([packetTypes.pingresp << 4, 0])

/** What CONNACK says beside its code. Only MQTT 5 carries `properties`. */
export interface ConnackFields {
  reasonCode: number
  sessionPresent: boolean
  properties?: ServerProperties
}

export interface ServerProperties {
  sessionExpiryInterval?: number | undefined
  assignedClientIdentifier?: string | undefined
  serverKeepAlive?: number | undefined
  reasonString?: string | undefined
  receiveMaximum?: number | undefined
  topicAliasMaximum?: number | undefined
  maximumPacketSize?: number | undefined
}

export function encodeConnack(
  version: Version,
  { reasonCode, sessionPresent, properties = {} }: ConnackFields,
): Buffer {
  const isPresent = sessionPresent ? 1 : 0
  if (version === 4) return packet(packetTypes.connack << 4, [Buffer.from([isPresent, connackReturnCode(reasonCode)])])
  return packet(packetTypes.connack << 4, [Buffer.from([isPresent, reasonCode]), ...serverProperties(properties)])
}

export interface PublishFields {
  topic: string
  payload: Buffer
  qos: QoS
  retain: boolean
  dup?: boolean
  /** Ignored with QoS 0. */
  packetId?: number
  /** Properties of the message in wire format, without those below. Ignored by MQTT 3.1.1, like those. */
  forwarded?: Buffer | undefined
  topicAlias?: number | undefined
  messageExpirySeconds?: number | undefined
  subscriptionIdentifiers?: readonly number[] | undefined
}

/** Encodes PUBLISH into one buffer. This is the hot path: one allocation, no lists. */
export function encodePublish(version: Version, fields: PublishFields): Buffer {
  const { topic, payload, qos } = fields
  const properties = version === 5 ? publishProperties(fields) : empty
  const topicBytes = Buffer.byteLength(topic)
  const length = 2 + topicBytes + (qos > 0 ? 2 : 0) + properties.length + payload.length
  const bytes = Buffer.allocUnsafe(1 + variableIntegerSize(length) + length)
  bytes[0] = (packetTypes.publish << 4) | (fields.dup ? 8 : 0) | (qos << 1) | (fields.retain ? 1 : 0)
  let at = writeVariableInteger(bytes, length, 1)
  at = bytes.writeUInt16BE(topicBytes, at)
  at += bytes.write(topic, at)
  if (qos > 0) at = bytes.writeUInt16BE(fields.packetId ?? 0, at)
  at += properties.copy(bytes, at)
  payload.copy(bytes, at)
  return bytes
}

function publishProperties(fields: PublishFields): Buffer {
  const { forwarded = empty, topicAlias, messageExpirySeconds, subscriptionIdentifiers } = fields
  const own: number[] = []
  if (topicAlias !== undefined) own.push(0x23, topicAlias >> 8, topicAlias & 255)
  if (messageExpirySeconds !== undefined) own.push(0x02, ...uint32(messageExpirySeconds))
  for (const id of subscriptionIdentifiers ?? []) own.push(0x0b, ...variableInteger(id))
  if (own.length === 0 && forwarded.length === 0) return noProperties
  return Buffer.concat([Buffer.from(variableInteger(own.length + forwarded.length)), Buffer.from(own), forwarded])
}

export type AcknowledgementType = 'puback' | 'pubrec' | 'pubrel' | 'pubcomp'

/** PUBACK, PUBREC, PUBREL or PUBCOMP. The reason code is sent in MQTT 5, and only if it is not 0. */
export function encodeAcknowledgement(
  version: Version,
  type: AcknowledgementType,
  fields: { packetId: number; reasonCode?: number; reasonString?: string | undefined },
): Buffer {
  const { packetId, reasonCode = reasonCodes.success, reasonString } = fields
  const first = (packetTypes[type] << 4) | (type === 'pubrel' ? 2 : 0)
  if (version === 4 || (reasonCode === reasonCodes.success && reasonString === undefined)) {
    return Buffer.from([first, 2, packetId >> 8, packetId & 255])
  }
  const properties = reasonString === undefined ? [] : serverProperties({ reasonString })
  return packet(first, [Buffer.from([packetId >> 8, packetId & 255, reasonCode]), ...properties])
}

/** SUBACK. MQTT 3.1.1 knows one code for every failure, 0x80. */
export function encodeSuback(version: Version, packetId: number, codes: readonly number[]): Buffer {
  const known = version === 5 ? codes : codes.map((code) => (code > 2 ? 0x80 : code))
  return packet(packetTypes.suback << 4, [uint16(packetId), version === 5 ? noProperties : empty, Buffer.from(known)])
}

/** UNSUBACK. Only MQTT 5 carries codes. */
export function encodeUnsuback(version: Version, packetId: number, codes: readonly number[]): Buffer {
  if (version === 4) return packet(packetTypes.unsuback << 4, [uint16(packetId)])
  return packet(packetTypes.unsuback << 4, [uint16(packetId), noProperties, Buffer.from(codes)])
}

/** DISCONNECT from the server exists in MQTT 5 only. */
export function encodeDisconnect(reasonCode: number, reasonString?: string): Buffer {
  return packet(packetTypes.disconnect << 4, [Buffer.from([reasonCode]), ...serverProperties({ reasonString })])
}

function serverProperties(given: ServerProperties): Buffer[] {
  const parts: Buffer[] = []
  const add = (id: number, value: Buffer) => parts.push(Buffer.from([id]), value)
  if (given.sessionExpiryInterval !== undefined) add(0x11, Buffer.from(uint32(given.sessionExpiryInterval)))
  if (given.assignedClientIdentifier !== undefined) add(0x12, text(given.assignedClientIdentifier))
  if (given.serverKeepAlive !== undefined) add(0x13, uint16(given.serverKeepAlive))
  if (given.reasonString !== undefined) add(0x1f, text(given.reasonString))
  if (given.receiveMaximum !== undefined) add(0x21, uint16(given.receiveMaximum))
  if (given.topicAliasMaximum !== undefined) add(0x22, uint16(given.topicAliasMaximum))
  if (given.maximumPacketSize !== undefined) add(0x27, Buffer.from(uint32(given.maximumPacketSize)))
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return [Buffer.from(variableInteger(length)), ...parts]
}

function packet(first: number, parts: Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.from([first, ...variableInteger(length)]), ...parts])
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255])
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint16(bytes.length), bytes])
}

function variableInteger(value: number): number[] {
  const bytes: number[] = []
  let left = value
  do {
    bytes.push(left > 127 ? (left & 127) | 128 : left)
    left >>>= 7
  } while (left > 0)
  return bytes
}

function variableIntegerSize(value: number): number {
  if (value < 128) return 1
  if (value < 16_384) return 2
  return value < 2_097_152 ? 3 : 4
}

function writeVariableInteger(bytes: Buffer, value: number, start: number): number {
  let at = start
  let left = value
  while (left > 127) {
    bytes[at++] = (left & 127) | 128
    left >>>= 7
  }
  bytes[at++] = left
  return at
}
