/** What an enforcer gets for where it stands, and that it ends with what the console has. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StateEntries } from './state-entries.ts'
import { type Position, type StateAnswer, StateFeed } from './state-feed.ts'

const nowhere: Position = { epoch: null, revision: 0, digest: null }
const entries = (of: Record<string, string>) => new Map(Object.entries(of))

/** What an enforcer has after an answer. */
function after(own: StateEntries, answer: StateAnswer): StateEntries {
  const next = answer.isWhole ? new StateEntries() : own.copy()
  for (const key of answer.removed) next.delete(key)
  for (const [key, value] of Object.entries(answer.entries ?? {})) next.set(key, value)
  return next
}

function positionAfter({ epoch, revision, digest }: StateAnswer): Position {
  return { epoch, revision, digest }
}

describe('a feed', () => {
  it('sends everything at first, and then only what changed', () => {
    const feed = new StateFeed()
    feed.replace(7, entries({ a: '1', b: '1' }))
    const first = feed.answer(nowhere)
    expect(first).toMatchObject({ isWhole: true, entries: { a: '1', b: '1' }, sequence: 7 })
    const position = positionAfter(first as StateAnswer)
    expect(feed.answer(position)).toBeNull()
    feed.change(8, { changed: [['a', '2']], removed: ['b', 'never there'] })
    expect(feed.answer(position)).toMatchObject({ isWhole: false, entries: { a: '2' }, removed: ['b'], sequence: 8 })
  })

  it('makes no revision of a change that concerns none of its entries', () => {
    const feed = new StateFeed()
    feed.replace(7, entries({ a: '1' }))
    const position = positionAfter(feed.answer(nowhere) as StateAnswer)
    feed.change(9, { changed: [['a', '1']], removed: ['c'] })
    expect(feed.answer(position)).toBeNull()
    expect(feed.sequence).toBe(9)
  })

  it('sends nothing twice to an enforcer that has it already from another process of the console', () => {
    const [before, now] = [new StateFeed(), new StateFeed()]
    for (const feed of [before, now]) feed.replace(7, entries({ a: '1' }))
    const position = positionAfter(before.answer(nowhere) as StateAnswer)
    expect(now.answer(position)).toMatchObject({ epoch: now.epoch, entries: null, removed: [] })
  })

  it('sends everything to an enforcer with another digest, and to one of a later revision than there is', () => {
    const feed = new StateFeed()
    feed.replace(7, entries({ a: '1' }))
    const position = positionAfter(feed.answer(nowhere) as StateAnswer)
    expect(feed.answer({ ...position, digest: '0'.repeat(64) })).toMatchObject({ isWhole: true })
    expect(feed.answer({ ...position, revision: 99, digest: '0'.repeat(64) })).toMatchObject({ isWhole: true })
  })

  it('tells an empty state from an unknown one', () => {
    const feed = new StateFeed()
    expect(feed.revision).toBe(0)
    feed.replace(7, new Map())
    expect(feed.revision).toBe(1)
    expect(feed.answer(nowhere)).toMatchObject({ isWhole: true, entries: {} })
  })

  it('forgets removals beyond a bound, and sends everything to an enforcer from before them', () => {
    const feed = new StateFeed()
    feed.replace(1, entries({ a: '1' }))
    const many = Array.from({ length: 10_001 }, (_, at) => `client ${at}`)
    feed.change(2, { changed: many.map((key) => [key, '1'] as const), removed: [] })
    const old = positionAfter(feed.answer(nowhere) as StateAnswer)
    feed.change(3, { changed: [], removed: many })
    expect(feed.answer(old)).toMatchObject({ isWhole: true, entries: { a: '1' } })
  })

  it('brings an enforcer to the same entries, whatever changed and however seldom it asks', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd')
    const step = fc.record({
      changed: fc.array(fc.tuple(key, fc.constantFrom('1', '2'))),
      removed: fc.array(key),
      asks: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const feed = new StateFeed()
        feed.replace(0, entries({ a: '1' }))
        let own = new StateEntries()
        let position = nowhere
        for (const [at, { changed, removed, asks }] of [...steps, { changed: [], removed: [], asks: true }].entries()) {
          feed.change(at + 1, { changed, removed })
          const answer = asks ? feed.answer(position) : null
          if (!answer) continue
          own = after(own, answer)
          expect(own.digest).toBe(answer.digest)
          position = positionAfter(answer)
        }
        expect(feed.answer({ ...position, digest: own.digest })).toBeNull()
      }),
    )
  })
})

function digestOf(...of: [string, string][]): string {
  const set = new StateEntries()
  for (const [key, value] of of) set.set(key, value)
  return set.digest
}

describe('a digest', () => {
  it('depends on keys and values and not on the order', () => {
    expect(digestOf(['a', '1'], ['b', '2'])).toBe(digestOf(['b', '2'], ['a', '1']))
    expect(digestOf(['a', '1'], ['a', '2'])).toBe(digestOf(['a', '2']))
    expect(digestOf(['a', '1'])).not.toBe(digestOf(['a1', '']))
    expect(digestOf(['a', '1'], ['b', '1'])).not.toBe(digestOf(['a', '1']))
  })
})
