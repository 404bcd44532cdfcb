import type { AuthorityImpact } from '@gatehouse/contract/certificates/impact'
import { expect, test } from 'vitest'
import { awayNotCounted, limitLines } from './authority-impact.ts'

const none: AuthorityImpact = {
  connections: 0,
  connectionsByBroker: [],
  usernames: [],
  userCount: 0,
  lastAdmitted: { users: 3, cutOff: 0, usernames: [], stillVouchedForBy: [] },
}
const away = { users: 3, cutOff: 1_200, usernames: ['press-1', 'press-2'], stillVouchedForBy: [] }

test.each<[Partial<AuthorityImpact>, string[]]>([
  [{}, []],
  [{ connections: 1, usernames: ['press-1'] }, ['1 live connection ends: press-1']],
  [{ connections: 1_000, usernames: ['a', 'b'] }, ['1,000 live connections end: a, b']],
  [{ lastAdmitted: { ...away, cutOff: 1 } }, ['1 user loses access: press-1, press-2']],
  [{ lastAdmitted: away }, ['1,200 users lose access: press-1, press-2']],
])('%o', (impact, lines) => {
  expect(limitLines({ ...none, ...impact }).map(({ text, names }) => `${text} ${names.join(', ')}`)).toEqual(lines)
})

test('says that a number is unknown if it could not be counted', () => {
  expect(limitLines({ ...none, lastAdmitted: null })).toEqual([{ text: awayNotCounted, names: [] }])
  const [live, others] = limitLines({ ...none, connections: null, lastAdmitted: null })
  expect(live?.text).toContain('is unknown')
  expect(others?.text).toBe(awayNotCounted)
})
