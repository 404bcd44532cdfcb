import { expect, it } from 'vitest'
import { FrameLengths } from './frame-guard.ts'

it('finds the length of each packet, however the bytes are split', () => {
  const packets = Buffer.concat([
    Buffer.from([0x20, 0x02, 0x00, 0x00]),
    Buffer.from([0x30, 0x80, 0x02]),
    Buffer.alloc(256),
    Buffer.from([0xd0, 0x00]),
  ])
  const whole = new FrameLengths()
  expect(whole.longest(packets)).toBe(256)
  const split = new FrameLengths()
  expect(Math.max(...Array.from(packets, (byte) => split.longest(Buffer.from([byte]))))).toBe(256)
})

it('counts a length of more than four bytes as endless', () => {
  expect(new FrameLengths().longest(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff]))).toBe(Number.POSITIVE_INFINITY)
})
