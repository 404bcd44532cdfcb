import * as fc from 'fast-check'
import { generate, type Packet as LibraryPacket } from 'mqtt-packet'
import { describe, expect, test } from 'vitest'
import * as raw from '../testing/raw-packets.ts'
import { decode } from './decode.ts'
import { decodeConnect, UnsupportedVersionError } from './decode-connect.ts'
import { type Frame, FrameReader } from './frames.ts'
import { PacketError } from './packet-error.ts'

const limits = { filtersPerPacket: 4 }

function frameOf(bytes: Buffer): Frame {
  const reader = new FrameReader(1_000_000)
  reader.push(bytes)
  const frame = reader.next()
  if (!frame) throw new Error('not a whole packet')
  return frame
}

const connect = (options: raw.ConnectOptions) => decodeConnect(frameOf(raw.connect(options)).body)
const read = (bytes: Buffer, version: 4 | 5 = 5) => decode(frameOf(bytes), version, limits)

function codeOf(action: () => unknown): number | undefined {
  try {
    action()
  } catch (error) {
    if (error instanceof PacketError) return error.code
    throw error
  }
  return undefined
}

describe('CONNECT', () => {
  test('reads all fields', () => {
    const will = { topic: 'w', payload: 'gone', qos: 2, retain: true, properties: [raw.property.uint32(0x18, 5)] }
    const packet = connect({
      version: 5,
      clientId: 'c',
      username: 'u',
      password: 'p',
      will,
      properties: [raw.property.uint16(0x21, 9)],
    })
    expect(packet).toMatchObject({ version: 5, clientId: 'c', isClean: true, keepAliveSeconds: 60, username: 'u' })
    expect(packet.will).toMatchObject({ topic: 'w', qos: 2, retain: true, properties: { willDelayInterval: 5 } })
    expect(packet.properties.receiveMaximum).toBe(9)
    expect(String(packet.password)).toBe('p')
  })

  test('reads MQTT 3.1 as 3.1.1', () => expect(connect({ name: 'MQIsdp', version: 3 }).version).toBe(4))

  test('keeps U+FEFF in a string', () => expect(connect({ clientId: '\ufeffa' }).clientId).toBe('\ufeffa'))

  test.each<[string, raw.ConnectOptions, number]>([
    ['a will with QoS 3', { will: { topic: 't', qos: 3 } }, 0x81],
    ['a will on a topic with a wildcard', { will: { topic: 't/#' } }, 0x90],
    ['will flags without a will', { flags: 0x0a }, 0x81],
    ['the reserved flag', { flags: 0x03 }, 0x81],
    ['a password without a user name in MQTT 3.1.1', { password: 'p' }, 0x81],
    ['bytes after the last field', { trailing: Buffer.from('x') }, 0x81],
    ['another protocol name', { name: 'AMQP' }, 0x84],
    ['an unknown protocol level', { version: 6 }, 0x84],
    ['a client id with U+0000', { clientId: 'a\0' }, 0x81],
    ['Receive Maximum 0', { version: 5, properties: [raw.property.uint16(0x21, 0)] }, 0x82],
    ['Maximum Packet Size 0', { version: 5, properties: [raw.property.uint32(0x27, 0)] }, 0x82],
    [
      'a repeated property',
      { version: 5, properties: [raw.property.uint16(0x21, 1), raw.property.uint16(0x21, 1)] },
      0x82,
    ],
    ['a property of another packet', { version: 5, properties: [raw.property.uint16(0x23, 1)] }, 0x81],
    ['a request flag of 2', { version: 5, properties: [raw.property.byte(0x17, 2)] }, 0x82],
  ])('rejects %s', (_, options, code) => expect(codeOf(() => connect(options))).toBe(code))

  test('says which level is not supported', () => {
    expect(() => connect({ version: 132 })).toThrow(UnsupportedVersionError)
  })
})

describe('PUBLISH', () => {
  test('keeps the order of user properties, and separates what belongs to the connection', () => {
    const { user, uint16, uint32 } = raw.property
    const given = [user('a', '1'), uint16(0x23, 7), user('b', '2'), uint32(0x02, 30), user('a', '3')]
    const packet = read(raw.publish({ version: 5, topic: 't', properties: given }))
    expect(packet).toMatchObject({ properties: { topicAlias: 7, messageExpiryInterval: 30 } })
    const forwarded = 'properties' in packet ? packet.properties.forwarded : undefined
    expect(forwarded).toEqual(Buffer.concat([user('a', '1'), user('b', '2'), user('a', '3')]))
  })

  test.each<[string, Buffer, number]>([
    ['QoS 3', raw.publish({ version: 5, topic: 't', qos: 3 }), 0x81],
    ['DUP with QoS 0', raw.publish({ version: 5, topic: 't', dup: true }), 0x81],
    ['packet identifier 0', raw.publish({ version: 5, topic: 't', qos: 1, id: 0 }), 0x82],
    ['a wildcard in the topic', raw.publish({ version: 5, topic: 'a/+' }), 0x90],
    ['an empty topic without alias', raw.publish({ version: 5, topic: '' }), 0x82],
    ['topic alias 0', raw.publish({ version: 5, topic: 't', properties: [raw.property.uint16(0x23, 0)] }), 0x94],
    [
      'a subscription identifier',
      raw.publish({ version: 5, topic: 't', properties: [raw.property.integer(0x0b, 1)] }),
      0x81,
    ],
    [
      'a response topic with a wildcard',
      raw.publish({ version: 5, topic: 't', properties: [raw.property.text(8, 'a/#')] }),
      0x82,
    ],
    ['ill-formed UTF-8', raw.publish({ version: 5, topic: Buffer.from([0xc3, 0x28]) }), 0x81],
    ['an encoded surrogate', raw.publish({ version: 5, topic: Buffer.from([0xed, 0xa0, 0x80]) }), 0x81],
    ...['\u0000', '\u0001', '\n', '\u007f', '\u0085', '\uffff', '\ufdd0'].map((character): [string, Buffer, number] => [
      `U+${character.charCodeAt(0).toString(16)} in the topic`,
      raw.publish({ version: 5, topic: `c/${character}` }),
      0x81,
    ]),
    ['properties longer than the packet', raw.packet(0x30, raw.text('t'), Buffer.from([100, 1, 1])), 0x81],
    ['a property length of five bytes', raw.packet(0x30, raw.text('t'), Buffer.from([128, 128, 128, 128, 1])), 0x81],
  ])('rejects %s', (_, bytes, code) => expect(codeOf(() => read(bytes))).toBe(code))
})

describe('other packets', () => {
  test.each<[string, Buffer, number]>([
    ['SUBSCRIBE without a filter', raw.subscribe([], { version: 5 }), 0x82],
    ['SUBSCRIBE with packet identifier 0', raw.subscribe([['a', 0]], { version: 5, id: 0 }), 0x82],
    ['SUBSCRIBE with QoS 3', raw.subscribe([['a', 3]], { version: 5 }), 0x81],
    ['SUBSCRIBE with reserved bits', raw.subscribe([['a', 0x40]], { version: 5 }), 0x81],
    ['SUBSCRIBE with retain handling 3', raw.subscribe([['a', 0x30]], { version: 5 }), 0x82],
    [
      'more filters than the limit',
      raw.subscribe(
        Array.from({ length: 5 }, () => ['a', 0]),
        { version: 5 },
      ),
      0x97,
    ],
    [
      'subscription identifier 0',
      raw.subscribe([['a', 0]], { version: 5, properties: [raw.property.integer(0x0b, 0)] }),
      0x82,
    ],
    ['UNSUBSCRIBE without a filter', raw.unsubscribe([], { version: 5 }), 0x82],
    [
      'wrong flags of SUBSCRIBE',
      raw.packet(0x80, raw.uint16(1), raw.properties(), raw.text('a'), Buffer.from([0])),
      0x81,
    ],
    ['wrong flags of PUBREL', raw.packet(0x60, raw.uint16(1)), 0x81],
    ['wrong flags of UNSUBSCRIBE', raw.packet(0xa0, raw.uint16(1), raw.properties(), raw.text('a')), 0x81],
    ['wrong flags of DISCONNECT', raw.packet(0xe1), 0x81],
    ['wrong flags of AUTH', raw.packet(0xf1), 0x81],
    ['PUBACK with packet identifier 0', raw.puback(0), 0x82],
    ['bytes in PINGREQ', raw.packet(0xc0, Buffer.from('x')), 0x81],
    ['bytes after DISCONNECT', raw.packet(0xe0, Buffer.from([0]), raw.properties(), Buffer.from('x')), 0x81],
    ['a packet that only a server sends', raw.packet(0x20, Buffer.from([0, 0])), 0x82],
    ['packet type 0', raw.packet(0x00), 0x82],
  ])('rejects %s', (_, bytes, code) => expect(codeOf(() => read(bytes))).toBe(code))

  test('rejects the options of MQTT 5 in a SUBSCRIBE of MQTT 3.1.1', () => {
    expect(codeOf(() => read(raw.subscribe([['a', 4]]), 4))).toBe(0x81)
  })
})

test('reads what mqtt-packet, an independent implementation, writes', () => {
  const topic = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '𝄞', ' '), minLength: 1, maxLength: 40 })
  const message = fc.record({
    topic,
    payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
    retain: fc.boolean(),
    messageId: fc.integer({ min: 1, max: 65_535 }),
  })
  const version = fc.constantFrom<4 | 5>(4, 5)
  fc.assert(
    fc.property(message, version, (given, protocolVersion) => {
      const packet: LibraryPacket = { cmd: 'publish', dup: false, ...given }
      const decoded = read(generate(packet, { protocolVersion }), protocolVersion)
      expect(decoded).toMatchObject({
        topic: given.topic,
        payload: given.payload,
        qos: given.qos,
        retain: given.retain,
      })
      expect(decoded).toMatchObject({ packetId: given.qos > 0 ? given.messageId : 0 })
    }),
  )
})

test('throws nothing but PacketError, whatever the bytes are', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 100 }), (first, body) => {
      const frame = { first, body: Buffer.from(body) }
      const codes = [
        codeOf(() => decode(frame, 4, limits)),
        codeOf(() => decode(frame, 5, limits)),
        codeOf(() => decodeConnect(frame.body)),
      ]
      expect(codes.every((code) => code === undefined || code >= 0x80)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
