import { expect, test } from 'vitest'
import { canonicalSerialNumber, serialNumberBytes, serialNumberOf } from './serial-number.ts'

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
  ['-01', '-01'],
  ['-1', '-01'],
  [' -0x1A:2B', '-1a2b'],
  ['--1', null],
  ['-', null],
  ['4660 (0x1234)', null],
  ['12g4', null],
  ['ff'.repeat(65), null],
  ['f'.repeat(100_000), null],
])('normalises %j', (text, canonical) => {
  expect(canonicalSerialNumber(text)).toBe(canonical)
})

test.each([
  ['00', '00'],
  ['7f', '7f'],
  ['00ff', 'ff'],
  ['ff', '-01'],
  ['80', '-80'],
  ['ff7f', '-81'],
  ['0100', '0100'],
  ['ff00', '-0100'],
  [`00${'ff'.repeat(63)}`, 'ff'.repeat(63)],
])('reads the INTEGER with the bytes %s as %s', (integer, canonical) => {
  expect(serialNumberOf(integer)).toBe(canonical)
  expect(Buffer.from(serialNumberBytes(canonical)).toString('hex')).toBe(integer)
  expect(canonicalSerialNumber(canonical)).toBe(canonical)
})
