import * as fc from 'fast-check'
import { type Packet, parser } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { property } from '../testing/raw-packets.ts'
import {
  encodeAcknowledgement,
  encodeConnack,
  encodeDisconnect,
  encodePublish,
  encodeSuback,
  encodeUnsuback,
} from './encode.ts'

/** Decodes with mqtt-packet, an independent implementation. */
function parse(bytes: Buffer, protocolVersion: 4 | 5): Packet {
  const reader = parser({ protocolVersion })
  let found: Packet | undefined
  reader.on('packet', (packet) => (found = packet))
  reader.on('error', (error: Error) => {
    throw error
  })
  reader.parse(bytes)
  if (!found) throw new Error('no packet')
  return found
}

test('mqtt-packet reads every PUBLISH that we write', () => {
  const fields = fc.record({
    topic: fc.string({ unit: fc.constantFrom('a', '/', 'é', '𝄞'), minLength: 1, maxLength: 200 }),
    payload: fc.uint8Array({ maxLength: 20_000 }).map((bytes) => Buffer.from(bytes)),
    qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
    retain: fc.boolean(),
    packetId: fc.integer({ min: 1, max: 65_535 }),
  })
  fc.assert(
    fc.property(fields, fc.constantFrom<4 | 5>(4, 5), (given, version) => {
      const { packetId, ...rest } = given
      const found = parse(encodePublish(version, given), version)
      expect(found).toMatchObject(rest)
      expect(found.messageId).toBe(given.qos > 0 ? packetId : undefined)
    }),
  )
})

test('writes the properties of PUBLISH', () => {
  const bytes = encodePublish(5, {
    topic: 't',
    payload: Buffer.from('p'),
    qos: 1,
    retain: false,
    packetId: 3,
    forwarded: Buffer.concat([property.user('a', '1'), property.text(3, 'text/plain')]),
    topicAlias: 300,
    messageExpirySeconds: 70_000,
    subscriptionIdentifiers: [1, 268_435_455],
  })
  expect(parse(bytes, 5)).toMatchObject({
    properties: {
      topicAlias: 300,
      messageExpiryInterval: 70_000,
      subscriptionIdentifier: [1, 268_435_455],
      contentType: 'text/plain',
      userProperties: { a: '1' },
    },
  })
})

test('writes CONNACK for both versions', () => {
  const properties = {
    assignedClientIdentifier: 'x',
    receiveMaximum: 7,
    sessionExpiryInterval: 0xffffffff,
    serverKeepAlive: 30,
  }
  const five = parse(encodeConnack(5, { reasonCode: 0, sessionPresent: true, properties }), 5)
  expect(five).toMatchObject({ sessionPresent: true, reasonCode: 0, properties })
  expect(parse(encodeConnack(4, { reasonCode: 0x87, sessionPresent: false }), 4)).toMatchObject({ returnCode: 5 })
  expect(parse(encodeConnack(4, { reasonCode: 0x86, sessionPresent: false }), 4)).toMatchObject({ returnCode: 4 })
})

test('writes acknowledgements, with a reason only in MQTT 5', () => {
  const refused = { packetId: 513, reasonCode: 0x87, reasonString: 'no' }
  expect(parse(encodeAcknowledgement(5, 'puback', refused), 5)).toMatchObject({
    messageId: 513,
    reasonCode: 0x87,
    properties: { reasonString: 'no' },
  })
  expect(encodeAcknowledgement(4, 'puback', refused)).toEqual(Buffer.from([0x40, 2, 2, 1]))
  expect(encodeAcknowledgement(5, 'pubrel', { packetId: 1 })).toEqual(Buffer.from([0x62, 2, 0, 1]))
})

test('writes SUBACK and UNSUBACK', () => {
  expect(parse(encodeSuback(5, 9, [0, 2, 0x87]), 5)).toMatchObject({ messageId: 9, granted: [0, 2, 0x87] })
  expect(parse(encodeSuback(4, 9, [0, 2, 0x87]), 4)).toMatchObject({ messageId: 9, granted: [0, 2, 0x80] })
  expect(parse(encodeUnsuback(5, 9, [0, 0x11]), 5)).toMatchObject({ messageId: 9, granted: [0, 0x11] })
  expect(encodeUnsuback(4, 9, [0])).toEqual(Buffer.from([0xb0, 2, 0, 9]))
})

test('writes DISCONNECT', () => {
  expect(parse(encodeDisconnect(0x98, 'gone'), 5)).toMatchObject({
    reasonCode: 0x98,
    properties: { reasonString: 'gone' },
  })
})
