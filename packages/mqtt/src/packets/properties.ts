/** The properties of MQTT 5 packets (§2.2.2), read by one table that says which packet may carry which. */
import { ByteReader, malformed } from './byte-reader.ts'
import { PacketError } from './packet-error.ts'
import { reasonCodes } from './reason-codes.ts'
import { isTopicName } from './text.ts'

export type PropertyOwner =
  | 'connect'
  | 'will'
  | 'publish'
  | 'acknowledgement'
  | 'subscribe'
  | 'unsubscribe'
  | 'disconnect'
  | 'auth'

/** What the server reads from properties. Everything else that may be forwarded stays as bytes in `forwarded`. */
export interface Properties {
  messageExpiryInterval?: number
  subscriptionIdentifier?: number
  sessionExpiryInterval?: number
  authenticationMethod?: string
  requestProblemInformation?: number
  requestResponseInformation?: number
  willDelayInterval?: number
  receiveMaximum?: number
  topicAliasMaximum?: number
  topicAlias?: number
  payloadFormatIndicator?: number
  maximumPacketSize?: number
  /** In the order of the packet. Read for CONNECT only; those of messages are in `forwarded`. */
  userProperties?: [name: string, value: string][]
  /**
   * The properties that belong to the message and not to the connection, as they came: payload format, content type, response
   * topic, correlation data, user properties. Their order must be kept [MQTT-3.3.2-18], so they are not taken apart.
   */
  forwarded?: Buffer
}

interface PropertyRule {
  name: keyof Properties | 'other'
  type: 'byte' | 'uint16' | 'uint32' | 'variableInteger' | 'text' | 'binary' | 'pair'
  owners: readonly PropertyOwner[]
  isForwarded?: true
}

const message = ['publish', 'will'] as const
const rules = new Map<number, PropertyRule>([
  [0x01, { name: 'payloadFormatIndicator', type: 'byte', owners: message, isForwarded: true }],
  [0x02, { name: 'messageExpiryInterval', type: 'uint32', owners: message }],
  [0x03, { name: 'other', type: 'text', owners: message, isForwarded: true }],
  [0x08, { name: 'other', type: 'text', owners: message, isForwarded: true }],
  [0x09, { name: 'other', type: 'binary', owners: message, isForwarded: true }],
  // A client must not send it in PUBLISH [MQTT-3.3.4-6].
  [0x0b, { name: 'subscriptionIdentifier', type: 'variableInteger', owners: ['subscribe'] }],
  [0x11, { name: 'sessionExpiryInterval', type: 'uint32', owners: ['connect', 'disconnect'] }],
  [0x15, { name: 'authenticationMethod', type: 'text', owners: ['connect', 'auth'] }],
  [0x16, { name: 'other', type: 'binary', owners: ['connect', 'auth'] }],
  [0x17, { name: 'requestProblemInformation', type: 'byte', owners: ['connect'] }],
  [0x18, { name: 'willDelayInterval', type: 'uint32', owners: ['will'] }],
  [0x19, { name: 'requestResponseInformation', type: 'byte', owners: ['connect'] }],
  [0x1f, { name: 'other', type: 'text', owners: ['acknowledgement', 'disconnect', 'auth'] }],
  [0x21, { name: 'receiveMaximum', type: 'uint16', owners: ['connect'] }],
  [0x22, { name: 'topicAliasMaximum', type: 'uint16', owners: ['connect'] }],
  [0x23, { name: 'topicAlias', type: 'uint16', owners: ['publish'] }],
  [
    0x26,
    {
      name: 'userProperties',
      type: 'pair',
      owners: ['connect', 'will', 'publish', 'acknowledgement', 'subscribe', 'unsubscribe', 'disconnect', 'auth'],
      isForwarded: true,
    },
  ],
  [0x27, { name: 'maximumPacketSize', type: 'uint32', owners: ['connect'] }],
])

const responseTopic = 0x08
const none: Properties = Object.freeze({})

/**
 * Reads the property length and the properties.
 * @throws PacketError 0x81 for a property that the packet must not carry, 0x82 for a repeated one or a value out of range.
 */
export function readProperties(reader: ByteReader, owner: PropertyOwner): Properties {
  const length = reader.variableInteger()
  if (length === 0) return none
  if (length > reader.left) throw malformed('the properties are longer than the packet')
  const section = new ByteReader(reader.bytes.subarray(0, reader.position + length), reader.position)
  reader.position += length
  return new PropertyReader(section, owner).read()
}

class PropertyReader {
  #reader: ByteReader
  #owner: PropertyOwner
  #seen = 0n
  #properties: Properties = {}
  #forwarded: Buffer[] = []

  constructor(reader: ByteReader, owner: PropertyOwner) {
    this.#reader = reader
    this.#owner = owner
  }

  read(): Properties {
    while (this.#reader.left > 0) this.#readOne()
    if (this.#forwarded.length === 1) this.#properties.forwarded = this.#forwarded[0]!
    if (this.#forwarded.length > 1) this.#properties.forwarded = Buffer.concat(this.#forwarded)
    return this.#properties
  }

  #readOne(): void {
    const start = this.#reader.position
    const id = this.#reader.variableInteger()
    const rule = rules.get(id)
    if (!rule?.owners.includes(this.#owner)) throw misplaced(id)
    if (rule.type === 'pair') this.#readPair()
    else this.#readValue(id, rule)
    const isOfMessage = this.#owner === 'publish' || this.#owner === 'will'
    if (rule.isForwarded && isOfMessage) this.#forward(start)
  }

  /** User properties may be repeated. All others may not. */
  #readPair(): void {
    const pair: [string, string] = [this.#reader.text(), this.#reader.text()]
    if (this.#owner === 'connect') (this.#properties.userProperties ??= []).push(pair)
  }

  #readValue(id: number, { name, type }: PropertyRule): void {
    const bit = 1n << BigInt(id)
    if (this.#seen & bit) throw new PacketError(reasonCodes.protocolError, `property ${id} is repeated`)
    this.#seen |= bit
    const value = type === 'pair' ? undefined : this.#reader[type]()
    checkValue(id, value)
    if (name !== 'other') Object.assign(this.#properties, { [name]: value })
  }

  /** Joins neighbours, so that the usual case needs no copy. */
  #forward(start: number): void {
    const { bytes, position } = this.#reader
    const last = this.#forwarded.at(-1)
    const piece = bytes.subarray(start, position)
    if (last && last.byteOffset + last.length === piece.byteOffset) {
      this.#forwarded[this.#forwarded.length - 1] = bytes.subarray(start - last.length, position)
    } else this.#forwarded.push(piece)
  }
}

function misplaced(id: number): PacketError {
  return malformed(`property ${id} does not belong here`)
}

const booleans = new Set([0x01, 0x17, 0x19])
const notZero = new Set([0x0b, 0x21, 0x27])

function checkValue(id: number, value: number | string | Buffer | undefined): void {
  if (booleans.has(id) && value !== 0 && value !== 1) throw outOfRange(id)
  if (notZero.has(id) && value === 0) throw outOfRange(id)
  if (id === 0x23 && value === 0) throw new PacketError(reasonCodes.topicAliasInvalid, 'the topic alias is 0')
  if (id === responseTopic && !isTopicName(String(value))) {
    throw new PacketError(reasonCodes.protocolError, 'the response topic is empty or contains a wildcard')
  }
}

function outOfRange(id: number): PacketError {
  return new PacketError(reasonCodes.protocolError, `property ${id} has a value that is not allowed`)
}
