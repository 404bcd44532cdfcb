import type { RetainedInfo } from '@gatehouse/mqtt/events'
import { expect, test } from 'vitest'
import { listRetained } from './lists.ts'

test('lists a bounded number of bytes of topics', async () => {
  const message: RetainedInfo = { topic: 'x'.repeat(60_000), user: 'u', bytes: 1, at: 0, expiresAt: 0 }
  const engine = { retained: { count: 900, bytes: 0 }, retainedMatching: () => repeat(message, 900) }
  const store = { findUsersById: async () => new Map() }
  const { items, isMore } = await listRetained({ engine, store }, '#')
  expect(JSON.stringify(items).length).toBeLessThan(2_000_000)
  expect(items.length).toBeGreaterThan(10)
  expect(isMore).toBe(true)
})

function* repeat(message: RetainedInfo, count: number): Generator<RetainedInfo, void> {
  for (let n = 0; n < count; n++) yield message
}
