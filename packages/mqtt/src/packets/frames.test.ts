import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import * as raw from '../testing/raw-packets.ts'
import { FrameReader } from './frames.ts'

function readAll(reader: FrameReader, chunks: Buffer[]): Buffer[] {
  const found: Buffer[] = []
  for (const chunk of chunks) {
    reader.push(chunk)
    for (let frame = reader.next(); frame; frame = reader.next()) found.push(raw.packet(frame.first, frame.body))
  }
  return found
}

function cut(stream: Buffer, places: number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (stream.length + 1)))].toSorted((a, b) => a - b)
  return [0, ...ends].map((start, i) => stream.subarray(start, ends[i] ?? stream.length))
}

test('finds the same packets however the stream is cut', () => {
  const packets = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 10 })
  fc.assert(
    fc.property(packets, fc.array(fc.nat(5000), { maxLength: 30 }), (bodies, places) => {
      const sent = bodies.map((body) => raw.packet(0x30, Buffer.from(body)))
      expect(readAll(new FrameReader(1000), cut(Buffer.concat(sent), places))).toEqual(sent)
    }),
  )
})

test('refuses a packet by its length, before its bytes arrive', () => {
  const reader = new FrameReader(100)
  reader.push(Buffer.from([0x30, 99]))
  expect(() => reader.next()).toThrow('101 bytes')
})

test('counts the header to the packet size', () => {
  const reader = new FrameReader(100)
  reader.push(Buffer.from([0x30, 98]))
  expect(reader.next()).toBeUndefined()
})

test('refuses a length of more than four bytes', () => {
  const reader = new FrameReader(1000)
  reader.push(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]))
  expect(() => reader.next()).toThrow('more than four bytes')
})

test('copies an incomplete packet, so that the chunk can be freed and changed', () => {
  const reader = new FrameReader(1000)
  const whole = raw.publish({ topic: 'a', payload: 'payload' })
  const first = Buffer.from(whole.subarray(0, 5))
  reader.push(first)
  expect(reader.next()).toBeUndefined()
  first.fill(0)
  reader.push(whole.subarray(5))
  const frame = reader.next()
  expect(frame && raw.packet(frame.first, frame.body)).toEqual(whole)
})

test('takes time in proportion to the length for a packet that arrives byte by byte', () => {
  const reader = new FrameReader(2_000_000)
  const whole = raw.publish({ topic: 'a', payload: Buffer.alloc(200_000) })
  const found = readAll(
    reader,
    cut(
      whole,
      Array.from({ length: whole.length }, (_, i) => i),
    ),
  )
  expect(found).toEqual([whole])
})
