import { previewLength } from '@gatehouse/contract/brokers/topics'
import { expect, it } from 'vitest'
import { previewBytes, previewOf } from './preview.ts'

const preview = (payload: string | Buffer) => {
  const bytes = Buffer.from(payload as string)
  return previewOf(bytes.subarray(0, previewBytes), bytes.length)
}

it.each([
  ['text', 'ein Gerät €', 'ein Gerät €'],
  ['HTML as it is', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['a replacement character that was sent', '\ufffd', '\ufffd'],
  ['no preview of invalid UTF-8', Buffer.from([0x61, 0xff, 0xfe]), null],
  ['no preview of a character that is cut', Buffer.from([0x61, 0xe2, 0x82]), null],
  ['no preview of control characters', 'a\u0000b', null],
  ['an empty payload', '', ''],
])('previews %s', (_, payload, expected) => {
  expect(preview(payload)).toBe(expected)
})

it('previews text whose last kept character is cut', () => {
  expect(preview(`xx${'€'.repeat(5_000)}`)).toBe(`xx${'€'.repeat(previewLength - 2)}`)
})
