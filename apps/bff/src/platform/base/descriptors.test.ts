import { expect, it } from 'vitest'
import { boundByOpenFiles } from './descriptors.ts'

it.each([
  ['the wanted number if the limit leaves room', 10_000, 0.8, 20_000, 10_000],
  ['its share of what a low limit leaves', 10_000, 0.8, 1_024, 716],
  ['at least a few even if the limit is very low', 10_000, 0.8, 64, 16],
  ['the wanted number if the limit is unknown', 2_000, 0.18, Number.POSITIVE_INFINITY, 2_000],
])('allows %s', (_what, most, part, limit, expected) => {
  expect(boundByOpenFiles(most, part, limit)).toBe(expected)
})
