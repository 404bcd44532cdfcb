import { keptPayloadBytes } from '@gatehouse/contract/brokers/topics'
import { expect, it } from 'vitest'
import { type TopicState, type Viewer, WatchedTopics } from './watched-topics.ts'

class Collector implements Viewer {
  readonly states: TopicState[] = []
  readonly #prefix: string
  readonly #most: number

  constructor(prefix = '', most = 1_000_000) {
    this.#prefix = prefix
    this.#most = most
  }

  get isFull(): boolean {
    return this.states.length >= this.#most
  }

  offer(state: TopicState): boolean {
    if (!state.topic.startsWith(this.#prefix)) return false
    this.states.push(state)
    return true
  }
}

const message = (topic: string, payload: string | Buffer, retain = false) =>
  ({ topic, payload: Buffer.from(payload as string), qos: 0, retain }) as const

const textOf = (state: TopicState | undefined) => state?.sample.toString('utf8', 0, state.kept)

function watch(...viewers: Collector[]): WatchedTopics {
  const topics = new WatchedTopics()
  for (const viewer of viewers) topics.add(viewer)
  return topics
}

it('counts messages and keeps the last payload of each topic', () => {
  const viewer = new Collector()
  const topics = watch(viewer)
  topics.published(message('a', 'a longer payload'), 1)
  topics.published(message('a', 'last'), 2)
  expect(viewer.states).toHaveLength(1)
  expect(viewer.states[0]).toMatchObject({ messages: 2, bytes: 4, at: 2 })
  expect(textOf(topics.find('a'))).toBe('last')
})

it('keeps a copy of the beginning of a large payload', () => {
  const topics = watch(new Collector())
  const payload = Buffer.alloc(1_048_576, 'x')
  topics.published({ topic: 'a', payload, qos: 1, retain: false }, 1)
  payload.fill('y')
  const state = topics.find('a')!
  expect(state).toMatchObject({ bytes: 1_048_576, kept: keptPayloadBytes })
  expect(textOf(state)).toBe('x'.repeat(keptPayloadBytes))
})

it('follows what is retained', () => {
  const topics = watch(new Collector())
  topics.retained(message('old', 'kept', true))
  expect(topics.find('old')).toMatchObject({ messages: 0, isRetained: true, at: 0 })
  topics.published(message('a', 'kept', true), 1)
  topics.published(message('a', 'not kept'), 2)
  expect(topics.find('a')?.isRetained).toBe(true)
  const before = topics.find('a')?.version ?? 0
  topics.retainedEnded('a')
  expect(topics.find('a')).toMatchObject({ isRetained: false })
  expect(topics.find('a')?.version).toBeGreaterThan(before)
  topics.published(message('old', '', true), 3)
  expect(topics.find('old')?.isRetained).toBe(false)
})

it('forgets a topic with the last view that shows it', () => {
  const [one, other] = [new Collector('a'), new Collector('a/b')]
  const topics = watch(one, other)
  topics.published(message('a/b', 'x'), 1)
  topics.published(message('a/c', 'x'), 1)
  topics.published(message('z', 'x'), 1)
  expect(topics.used).toMatchObject({ topics: 2, ignored: 1 })
  topics.remove(one, one.states)
  expect(topics.find('a/b')).toBeDefined()
  topics.remove(other, other.states)
  expect(topics.used).toEqual({ topics: 0, bytes: 0, ignored: 0 })
})

it('shows a view that begins later what others watch already', () => {
  const topics = watch(new Collector())
  topics.published(message('a', 'x'), 1)
  const later = new Collector()
  topics.add(later)
  expect(later.states.map(({ topic }) => topic)).toEqual(['a'])
})

it('ignores further topics when all views are full', () => {
  const topics = watch(new Collector('', 10))
  for (let at = 0; at < 1_000; at++) topics.published(message(`a/${at}`, 'x'), 1)
  expect(topics.used).toMatchObject({ topics: 10, ignored: 990 })
})

it('keeps its memory below the bound with many long topics and payloads', () => {
  const topics = watch(new Collector())
  const payload = Buffer.alloc(keptPayloadBytes, 'x')
  for (let at = 0; at < 10_000; at++) topics.published({ topic: `a/${at}`, payload, qos: 0, retain: false }, 1)
  expect(topics.used.bytes).toBeLessThanOrEqual(32 * 1_048_576)
  expect(topics.find('a/9999')?.kept).toBeLessThan(keptPayloadBytes)
  for (let at = 0; at < 2_000; at++) topics.published(message(`${at}/${'l'.repeat(60_000)}`, 'x'), 1)
  expect(topics.used.bytes).toBeLessThanOrEqual(32 * 1_048_576)
  expect(topics.used.ignored).toBeLessThan(200)
})

it('copies a payload at the latest when 256 others wait, and a large one at once', () => {
  const viewer = new Collector()
  const topics = watch(viewer)
  topics.published(message('large', Buffer.alloc(keptPayloadBytes + 1)), 1)
  expect(viewer.states[0]?.latest).toBeUndefined()
  for (let at = 0; at < 255; at++) topics.published(message(`a/${at}`, 'x'), 1)
  expect(viewer.states.filter(({ latest }) => latest)).toHaveLength(255)
  topics.published(message('last', 'x'), 1)
  expect(viewer.states.filter(({ latest }) => latest)).toEqual([])
  expect(textOf(topics.find('last'))).toBe('x')
})
