/** Compares with the rule of Mosquitto, written down anew: the first rule that matches a topic decides. */
import { matches } from '@gatehouse/contract/access/topic'
import { array, assert, boolean, constantFrom, property, record } from 'fast-check'
import { expect, it } from 'vitest'
import { judgeInOrder } from './ordered-rules.ts'

const levels = ['a', 'b']
const topics = levels.flatMap((one) => [
  one,
  ...levels.flatMap((two) => [`${one}/${two}`, ...levels.map((three) => `${one}/${two}/${three}`)]),
])
const place = { file: '', line: null, text: '' }
const filter = constantFrom(
  '#',
  '+',
  'a',
  'b',
  'a/#',
  'b/#',
  '+/b',
  'a/+',
  'a/b',
  '+/#',
  'a/b/#',
  'a/+/b',
  '+/a/#',
  'b/a/a',
)
const rules = array(record({ allow: boolean(), filter }), { maxLength: 8 }).map((all) =>
  all.map((rule) => ({ ...rule, place })),
)

it('grants nothing that the first matching rule denies, and everything that it allows unless a rule is withheld', () => {
  assert(
    property(rules, (given) => {
      const { granted, withheld } = judgeInOrder(given)
      for (const topic of topics) {
        const isAllowed = given.find((rule) => matches(rule.filter, topic))?.allow ?? false
        const isGranted = granted.some((rule) => matches(rule.filter, topic))
        const isWithheld = withheld.some(({ rule }) => matches(rule.filter, topic))
        expect(isGranted && !isAllowed, `${topic} is opened`).toBe(false)
        expect(isAllowed && !isGranted && !isWithheld, `${topic} is lost without a word`).toBe(false)
      }
    }),
    { numRuns: 2_000 },
  )
})

it('withholds everything of a user with more rules than are compared, if one of them denies', () => {
  const many = Array.from({ length: 100_000 }, (_, n) => ({ allow: true, filter: `a/${n}`, place }))
  expect(judgeInOrder(many)).toMatchObject({ granted: { length: 100_000 }, withheld: { length: 0 } })
  const denied = [{ allow: false, filter: 'b', place }, ...many]
  expect(judgeInOrder(denied)).toMatchObject({ granted: { length: 0 }, withheld: { length: 100_000 } })
})
