import { expect, test } from 'vitest'
import { canonicalSerialNumber } from './serial-number.ts'

test.each([
  ['1a2b', '1a2b'],
  ['1A2B', '1a2b'],
  ['a2b', '0a2b'],
  ['0x1A2B', '1a2b'],
  ['00:1A:2B', '1a2b'],
  ['  00 1a 2b\n', '1a2b'],
  ['000000', '00'],
  ['0', '00'],
  ['c300', 'c300'],
  [`00${'ff'.repeat(64)}`, 'ff'.repeat(64)],
  ['', null],
  ['0x', null],
  ['-1', null],
  ['4660 (0x1234)', null],
  ['12g4', null],
  ['ff'.repeat(65), null],
  ['f'.repeat(100_000), null],
])('%j', (text, canonical) => {
  expect(canonicalSerialNumber(text)).toBe(canonical)
})
