import { describe, expect, test } from 'vitest'
import { asHex, asJson, asText, toBytes } from './payload-forms.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

describe('text', () => {
  test('is shown if the bytes are UTF-8 without control characters', () => {
    expect(asText(utf8('21.5 °C\n🚀'), false)).toBe('21.5 °C\n🚀')
    expect(asText(utf8('a\u0000b'), false)).toBeNull()
    expect(asText(Uint8Array.of(0xff, 0xfe), false)).toBeNull()
  })

  test('ends before a character that was cut in two', () => {
    const cut = utf8('ab🚀').subarray(0, 4)
    expect(asText(cut, true)).toBe('ab')
    expect(asText(cut, false)).toBeNull()
  })
})

describe('JSON', () => {
  test.each([
    ['{"a":[1,{"b":"x,y:{}"}],"c":{ }}', '{\n  "a": [\n    1,\n    {\n      "b": "x,y:{}"\n    }\n  ],\n  "c": {}\n}'],
    ['[ ]', '[]'],
    ['{"q\\"":"\\\\"}', '{\n  "q\\"": "\\\\"\n}'],
  ])('%s gets lines and indents', (text, shown) => expect(asJson(text)).toBe(shown))

  test('keeps every digit and names that occur twice', () => {
    const shown = asJson('{"n":12345678901234567890.10,"n":-0}')
    expect(shown).toContain('12345678901234567890.10')
    expect(shown).toContain('-0')
  })

  test.each(['{"a":1', 'text', '21.5', ''])('%s is none', (text) => expect(asJson(text)).toBeNull())

  test('stays small when it is nested 30,000 levels deep', () => {
    expect(asJson('['.repeat(30_000) + ']'.repeat(30_000))?.length).toBeLessThan(60_000 * 45)
  })
})

test('the hex dump shows places, bytes and ASCII characters', () => {
  const [first, second, ...more] = asHex(Uint8Array.from({ length: 18 }, (_each, at) => 0x38 + at)).split('\n')
  expect(first).toBe('0000  38 39 3a 3b 3c 3d 3e 3f 40 41 42 43 44 45 46 47  89:;<=>?@ABCDEFG')
  expect(second).toBe('0010  48 49                                            HI')
  expect(more).toEqual([])
})

test('bytes come out of base64 as they were', () => {
  expect([...toBytes('AP8K')]).toEqual([0, 255, 10])
})
