/**
 * The rules of MQTT 3.1.1 §4.7: its own examples, and every filter of up to three levels against every topic of up to
 * four.
 */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  coveringFilters,
  covers,
  filterBehindGroup,
  intersect,
  isTopic,
  isTopicFilter,
  matches,
  maxTopicBytes,
  maxTopicLevels,
  overlaps,
} from './topic.ts'

describe('the examples of MQTT 3.1.1 §4.7', () => {
  it.each([
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/#', 'sport', true],
    ['sport/#', 'sports', false],
    ['#', 'anything/at/all', true],
    ['#', '/', true],
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+', 'finance', true],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    ['+/tennis/#', 'sport/tennis', true],
    ['sport/+/player1', 'sport/tennis/player1', true],
    ['#', '$SYS/uptime', false],
    ['+/monitor/Clients', '$SYS/monitor/Clients', false],
    ['+', '$SYS', false],
    ['$SYS/#', '$SYS/uptime', true],
    ['$SYS/#', '$SYS', true],
    ['$SYS/monitor/+', '$SYS/monitor/Clients', true],
    ['a/$b/+', 'a/$b/c', true],
    ['a/+', 'a/$b', true],
    ['ACCOUNTS', 'Accounts', false],
  ])('%s matches %s: %s', (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected)
    expect(overlaps(filter, topic)).toBe(expected)
  })

  it.each(['sport/tennis#', 'sport/tennis/#/ranking', 'sport+', 'a+/b', '##', '++', '#/', '', 'a\0b', 'a/\ud800'])(
    'refuses %j as a filter',
    (filter) => expect(isTopicFilter(filter)).toBe(false),
  )

  it.each(['a\nb', 'a/\u0085', 'a/\ufffe', '\u{1ffff}'])('refuses %j, which many clients do not receive', (text) => {
    expect([isTopic(text), isTopicFilter(text)]).toEqual([false, false])
  })

  it('accepts as many levels as the broker, and no more', () => {
    const deep = 'a/'.repeat(maxTopicLevels - 1)
    expect([isTopic(deep), isTopicFilter(`${deep}#`)]).toEqual([true, true])
    expect([isTopic(`${deep}/`), isTopicFilter(`${deep}/#`)]).toEqual([false, false])
  })

  it.each([
    ['$share/group/line-3/#', 'line-3/#'],
    ['$share/group//', '/'],
    ['line-3/#', 'line-3/#'],
    ['$share/group', null],
    ['$share//line-3', null],
    ['$share/+/line-3', null],
    ['$share/group/a#', null],
  ])('takes the group off %j: %j', (filter, behind) => expect(filterBehindGroup(filter)).toBe(behind))

  it.each(['#', '+', '+/tennis/#', 'sport/tennis/+', '/', '//', ' ', '$SYS/#', '/+/#', 'Accounts payable', '🏭/+'])(
    'accepts %j as a filter',
    (filter) => expect(isTopicFilter(filter)).toBe(true),
  )

  it('requires a topic without wildcards, of at least one character and at most 65,535 bytes', () => {
    for (const topic of ['a', '/', ' ', 'a//b', '$SYS/x']) expect(isTopic(topic)).toBe(true)
    for (const topic of ['', '#', 'a/+', 'a#', '\0', '\udfff']) expect(isTopic(topic)).toBe(false)
    expect(isTopic('a'.repeat(maxTopicBytes))).toBe(true)
    expect(isTopic('a'.repeat(maxTopicBytes + 1))).toBe(false)
    expect(isTopic('é'.repeat(32_768))).toBe(false)
  })
})

/** Returns all sequences of these levels, from one to `most` long. */
function sequences(levels: readonly string[], most: number): string[] {
  let longest = levels.map((level) => [level])
  const all = [...longest]
  for (let length = 2; length <= most; length++) {
    longest = longest.flatMap((start) => levels.map((level) => [...start, level]))
    all.push(...longest)
  }
  return all.map((one) => one.join('/'))
}

/** The text of §4.7 as code, level by level and not optimised. */
function fits(filter: readonly string[], topic: readonly string[], isFirst = true): boolean {
  const [wanted, ...moreWanted] = filter
  const [level, ...more] = topic
  if (isFirst && level?.startsWith('$') && (wanted === '+' || wanted === '#')) return false
  if (wanted === '#') return true
  if (wanted === undefined) return level === undefined
  // "sport/#" also matches the singular "sport", since # includes the parent level.
  if (level === undefined) return false
  if (wanted !== '+' && wanted !== level) return false
  if (more.length === 0 && moreWanted.length === 1 && moreWanted[0] === '#') return true
  return fits(moreWanted, more, false)
}

// `b` occurs in no filter, so a filter that matches it matches any other word. There is no empty topic [MQTT-4.7.3-1].
const topics = sequences(['', 'a', 'b', '$x'], 4).filter(isTopic)
const filters = sequences(['', 'a', '$x', '+', '#'], 3).filter(isTopicFilter)
const matched = new Map(
  filters.map((filter) => [filter, topics.filter((topic) => fits(filter.split('/'), topic.split('/')))]),
)

describe(`${filters.length} filters and ${topics.length} topics`, () => {
  const pairs = filters.flatMap((outer) => filters.map((inner) => [outer, inner] as const))
  const setOf = new Map([...matched].map(([filter, list]) => [filter, new Set(list)]))
  const isWithin = (outer: string, inner: string) => matched.get(inner)?.every((topic) => setOf.get(outer)?.has(topic))
  const meets = (one: string, other: string) => matched.get(one)?.some((topic) => setOf.get(other)?.has(topic))

  it('match as the standard says', () => {
    const wrong = filters.flatMap((filter) =>
      topics
        .filter((topic) => matches(filter, topic) !== setOf.get(filter)?.has(topic))
        .map((topic) => [filter, topic]),
    )
    expect(wrong).toEqual([])
  })

  it('cover only filters whose topics they match', () => {
    expect(pairs.filter(([outer, inner]) => covers(outer, inner) && !isWithin(outer, inner))).toEqual([])
  })

  it('cover all filters whose topics they match', () => {
    expect(pairs.filter(([outer, inner]) => !covers(outer, inner) && isWithin(outer, inner))).toEqual([])
  })

  it('are covered by exactly the filters that coveringFilters lists', () => {
    const wrong = filters.filter((filter) => {
      const listed = coveringFilters(filter, 1_000) ?? []
      const short = listed.filter((each) => each.split('/').length <= 3)
      const expected = filters.filter((outer) => covers(outer, filter))
      return !listed.every((each) => covers(each, filter)) || short.toSorted().join() !== expected.toSorted().join()
    })
    expect(wrong).toEqual([])
  })

  it('overlap exactly if a topic matches both, in any order', () => {
    expect(pairs.filter(([one, other]) => overlaps(one, other) !== meets(one, other))).toEqual([])
  })

  it('intersect in the filter that matches exactly what both match, or in null', () => {
    const wrong = pairs.filter(([one, other]) => {
      const shared = intersect(one, other)
      const both = matched.get(one)?.filter((topic) => setOf.get(other)?.has(topic)) ?? []
      const found = shared === null ? [] : topics.filter((topic) => matches(shared, topic))
      return (shared !== null && !isTopicFilter(shared)) || found.join('\n') !== both.join('\n')
    })
    expect(wrong).toEqual([])
  })
})

describe('any filters', () => {
  const level = fc.oneof(fc.constantFrom('+', '', '$SYS', 'a'), fc.string({ unit: 'grapheme', maxLength: 3 }))
  const filter = fc
    .tuple(fc.array(level, { minLength: 1, maxLength: 5 }), fc.boolean())
    .map(([levels, isOpen]) => [...levels, ...(isOpen ? ['#'] : [])].join('/'))
    .filter(isTopicFilter)

  it('cover themselves, cover transitively, and overlap what they cover', () => {
    fc.assert(
      fc.property(filter, filter, filter, (a, b, c) => {
        expect(covers(a, a)).toBe(true)
        expect(covers(a, c) || !covers(a, b) || !covers(b, c)).toBe(true)
        expect(overlaps(b, a) || !covers(a, b)).toBe(true)
      }),
    )
  })

  it('cover their intersection, and cover together exactly what it covers', () => {
    fc.assert(
      fc.property(filter, filter, filter, (a, b, c) => {
        const shared = intersect(a, b)
        expect(shared === null || isTopicFilter(shared)).toBe(true)
        expect(shared === null || (covers(a, shared) && covers(b, shared))).toBe(true)
        expect(shared !== null && covers(shared, c)).toBe(covers(a, c) && covers(b, c))
      }),
      { numRuns: 2_000 },
    )
  })

  it('are listed by coveringFilters, which returns null for too many', () => {
    fc.assert(
      fc.property(filter, filter, (outer, inner) => {
        expect(coveringFilters(inner, 1_000)?.includes(outer)).toBe(covers(outer, inner))
      }),
    )
    expect(coveringFilters('a/b/c', 14)).toBeNull()
    expect(coveringFilters('a/b/c', 23)).toHaveLength(23)
    expect(coveringFilters('a/'.repeat(500), 1_000)).toBeNull()
  })
})
