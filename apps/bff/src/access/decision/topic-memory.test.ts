import { expect, test } from 'vitest'
import { mostBytesInAll, TopicMemory } from './topic-memory.ts'

/** The topic of a client with 256 bytes. */
const topic = (n: number) => `${n}`.padEnd(256, 'x')

test('remembers what was decided', () => {
  const memory = new TopicMemory()
  memory.set('a', true)
  memory.set('b', false)
  expect([memory.get('a'), memory.get('b'), memory.get('c')]).toEqual([true, false, undefined])
})

test('remembers no long topics, and a bounded number of others', () => {
  const memory = new TopicMemory()
  memory.set('x'.repeat(257), true)
  expect(memory.get('x'.repeat(257))).toBeUndefined()
  for (let n = 0; n < 1_000; n++) memory.set(topic(n), true)
  const known = Array.from({ length: 1_000 }, (_, n) => memory.get(topic(n))).filter((each) => each !== undefined)
  expect(known.length).toBeLessThanOrEqual(256)
})

test('is bounded for all connections together', () => {
  const first = new TopicMemory()
  first.set('a', true)
  const others = Array.from({ length: Math.ceil(mostBytesInAll / (200 * 256)) }, () => new TopicMemory())
  for (const memory of others) for (let n = 0; n < 200; n++) memory.set(topic(n), true)
  expect(first.get('a')).toBeUndefined()
  expect(others.at(-1)?.get(topic(199))).toBe(true)
})
