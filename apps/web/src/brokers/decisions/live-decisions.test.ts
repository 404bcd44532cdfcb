import type { Decision } from '@gatehouse/contract/brokers/broker'
import { expect, test } from 'vitest'
import { continuation, maxDecisions } from './live-decisions.ts'

function decision(id: number, changes: Partial<Decision> = {}): Decision {
  const at = `2026-11-22T10:00:00.${String(id % 1_000).padStart(3, '0')}Z`
  const nobody = {
    username: null,
    unknownUsernameLength: null,
    userId: null,
    clientId: null,
    method: null,
    certificate: null,
    topic: null,
    admissionRule: null,
    holder: null,
  }
  return {
    ...nobody,
    id,
    at,
    outcome: 'refused',
    reason: 'unknown_user',
    listener: 'mqtts',
    address: '::1',
    ...changes,
  }
}

const ids = (decisions: readonly Decision[] | null) => decisions?.map(({ id }) => id)

test('puts new decisions before the known ones', () => {
  const known = [decision(3), decision(1)]
  expect(ids(continuation(known, [decision(5), decision(4), decision(3)]))).toEqual([5, 4, 3, 1])
})

test('keeps the same list when nothing is new', () => {
  const known = [decision(3), decision(1)]
  expect(continuation(known, [decision(3)])).toEqual(known)
})

test('keeps no more decisions than the broker', () => {
  const known = Array.from({ length: maxDecisions }, (_, at) => decision(maxDecisions - at))
  const continued = continuation(known, [decision(1_001), decision(1_000)])
  expect(continued).toHaveLength(maxDecisions)
  expect(continued?.[0]?.id).toBe(1_001)
})

test.each([
  ['the answer is empty: the numbers began anew', []],
  ['the same number is another decision', [decision(3, { at: '2026-11-22T11:00:00.000Z' })]],
  ['the newest known was pushed out', [decision(2_000), decision(1_001)]],
])('all is asked for again: %s', (_why, since) => {
  expect(continuation([decision(3), decision(1)], since)).toBeNull()
})

test('shows a port scan as one line that moves up', () => {
  const noise = { reason: 'handshake_failed' } as const
  const known = [decision(4), decision(3, noise), decision(2, { ...noise, address: '::2' }), decision(1)]
  expect(ids(continuation(known, [decision(5, noise), decision(4)]))).toEqual([5, 4, 2, 1])
})
