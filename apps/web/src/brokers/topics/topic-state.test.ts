import type { WatchedTopic } from '@gatehouse/contract/brokers/topics'
import { expect, test } from 'vitest'
import { afterEvent, type LiveTopics, noTopics, treeOf, visibleRows } from './topic-state.ts'

const topic = (name: string, messages: number): WatchedTopic => ({
  topic: name,
  messages,
  bytes: 1,
  retained: false,
  preview: 'x',
  at: null,
})

function after(before: LiveTopics, second: number, ...topics: WatchedTopic[]): LiveTopics {
  return afterEvent(before, { at: new Date(1_000_000 + second * 1_000).toISOString(), topics, isMore: false })
}

test('the rate approaches the messages per second, and falls to none when they stop', () => {
  // Others have watched the topic before.
  let state = after(noTopics, 0, topic('a', 5_000))
  expect(state.topics.get('a')?.rate).toBe(0)
  for (let second = 1; second <= 30; second++) state = after(state, second, topic('a', 5_000 + second * 10))
  expect(state.topics.get('a')?.rate).toBeCloseTo(10, 0)
  for (let second = 31; second <= 90; second++) state = after(state, second)
  expect(state.topics.get('a')).toMatchObject({ rate: 0, messages: 5_300 })
})

test('a clock that was set back makes no wrong rate', () => {
  const state = after(after(noTopics, 10, topic('a', 1)), 5, topic('a', 100))
  expect(state.topics.get('a')?.rate).toBe(0)
})

test('topics form a tree with sums, sorted by name', () => {
  const state = after(noTopics, 0, topic('line/10/a', 2), topic('line/9', 3), topic('line', 1), topic('/x', 1))
  const [empty, line] = treeOf(state.topics)
  expect(empty).toMatchObject({ name: '', topicCount: 1, children: [{ path: '/x' }] })
  expect(line).toMatchObject({ path: 'line', messages: 6, topicCount: 3, topic: { topic: 'line' } })
  expect(line?.children.map(({ path }) => path)).toEqual(['line/9', 'line/10'])
  expect(line?.children[1]).toMatchObject({ topic: undefined, children: [{ path: 'line/10/a', depth: 2 }] })
})

test('rows below a closed node are hidden', () => {
  const tree = treeOf(after(noTopics, 0, topic('a/b/c', 1), topic('d', 1)).topics)
  const rows = (isOpen: (path: string) => boolean) =>
    visibleRows(tree, ({ path }) => isOpen(path)).map(({ path }) => path)
  expect(rows(() => false)).toEqual(['a', 'd'])
  expect(rows((path) => path === 'a')).toEqual(['a', 'a/b', 'd'])
  expect(rows(() => true)).toEqual(['a', 'a/b', 'a/b/c', 'd'])
})
