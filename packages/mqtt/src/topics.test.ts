import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { matchesFilter } from './testing/matches-filter.ts'
import { type Matches, type Subscription, SubscriptionTree } from './topics.ts'

interface Given {
  owner: string
  path: string
}

function subscription({ owner, path }: Given): Subscription<string> {
  const rest = { qos: 0 as const, noLocal: false, retainAsPublished: false, identifier: undefined, isActive: true }
  return { owner, path, filter: path, group: undefined, ...rest }
}

function match(tree: SubscriptionTree<string>, name: string): Matches<string> {
  const search = tree.search(name)
  for (;;) {
    const { done, value } = search.next()
    if (done) return value
  }
}

const level = fc.constantFrom('a', 'b', '', '$s')
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
const path = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.boolean())
  .map(([levels, isOpen]) => (isOpen || levels.length === 0 ? [...levels, '#'] : levels).join('/'))
const given = fc.record({ owner: fc.constantFrom('x', 'y', 'z'), path })

test('finds what a plain comparison of topic and filter finds, also after removals', () => {
  fc.assert(
    fc.property(
      fc.array(given, { maxLength: 20 }),
      fc.array(topic, { maxLength: 5 }),
      fc.array(fc.nat(19)),
      (all, topics, removed) => {
        const tree = new SubscriptionTree<string>()
        const subscriptions = all.map(subscription)
        for (const each of subscriptions) tree.add(each)
        for (const each of topics) match(tree, each)
        for (const i of removed) if (subscriptions[i]) tree.remove(subscriptions[i])
        const left = subscriptions.filter((each) => each.isActive)
        for (const each of topics) {
          const owners = new Set(left.filter((one) => matchesFilter(one.path, each)).map((one) => one.owner))
          expect(new Set(match(tree, each).recipients.map((one) => one.owner))).toEqual(owners)
        }
      },
    ),
  )
})

test('joins the filters of one session: highest QoS, all identifiers', () => {
  const tree = new SubscriptionTree<string>()
  tree.add({ ...subscription({ owner: 'x', path: 'a/#' }), qos: 1, identifier: 7 })
  tree.add({ ...subscription({ owner: 'x', path: 'a/+' }), qos: 2, identifier: 9 })
  tree.add({ ...subscription({ owner: 'x', path: 'a/b' }), qos: 0 })
  expect(match(tree, 'a/b').recipients).toMatchObject([{ owner: 'x', qos: 2, identifiers: [7, 9] }])
})

test('keeps the groups of shared subscriptions apart', () => {
  const tree = new SubscriptionTree<string>()
  for (const [owner, group] of [
    ['x', 'g'],
    ['y', 'g'],
    ['z', 'h'],
  ] as const) {
    tree.add({ ...subscription({ owner, path: 'a' }), group, filter: `$share/${group}/a` })
  }
  expect(match(tree, 'a').recipients).toEqual([])
  expect(match(tree, 'a').groups.map(({ members }) => members.map(({ owner }) => owner))).toEqual([['x', 'y'], ['z']])
})

test('begins with another member of a shared subscription for each topic', () => {
  const tree = new SubscriptionTree<string>()
  for (const owner of ['x', 'y']) tree.add({ ...subscription({ owner, path: '#' }), group: 'g', filter: '$share/g/#' })
  const begins = ['a', 'b', 'c', 'd'].map((each) => {
    const [group] = match(tree, each).groups
    return group!.members[group!.turn % 2]!.owner
  })
  expect(begins.toSorted()).toEqual(['x', 'x', 'y', 'y'])
})

test('searches in steps, and remembers the result only if no subscription changed meanwhile', () => {
  const tree = new SubscriptionTree<string>()
  const all = Array.from({ length: 1000 }, (_, i) => subscription({ owner: String(i), path: 'a' }))
  for (const each of all) tree.add(each)
  const search = tree.search('a')
  expect(search.next()).toEqual({ done: false, value: undefined })
  tree.remove(all[999]!)
  let steps = 1
  for (let step = search.next(); !step.done; step = search.next()) steps++
  expect(steps).toBeGreaterThan(10)
  expect(tree.remembered('a')).toBe(undefined)
  expect(match(tree, 'a').recipients).toHaveLength(999)
  expect(tree.remembered('a')?.recipients).toHaveLength(999)
  tree.add(subscription({ owner: 'x', path: 'b' }))
  expect(tree.remembered('a')).toBe(undefined)
})
