import type { BrokerImpact } from '@gatehouse/contract/base'
import { expect, test } from 'vitest'
import { admittedElsewhere, endsAnywhere, foreseenElsewhere } from './foreseen.ts'

const nothing: BrokerImpact = { id: 'e', name: 'embedded', ends: 'nothing', connections: 0, admitsWithoutRights: false }
const hall = (of: Partial<BrokerImpact>): BrokerImpact => ({ ...nothing, id: 'h', name: 'hall-2', ...of })

test.each<[Partial<BrokerImpact>, string[]]>([
  [{}, []],
  [{ ends: 'concerned', connections: 1 }, ['On hall-2 1 connection ends.']],
  [{ ends: 'concerned', connections: 3 }, ['On hall-2 3 connections end.']],
  [
    { ends: 'concerned', connections: null },
    ['On hall-2 existing connections of these users end. The broker does not report how many.'],
  ],
  [
    { ends: 'all', connections: null },
    ['On hall-2 all connections end once. Clients that are still trusted connect again.'],
  ],
  [
    { ends: null, connections: null },
    ['hall-2 does not respond. The change takes effect there later, and what ends is unknown.'],
  ],
])('%o', (impact, sentences) => expect(foreseenElsewhere([nothing, hall(impact)])).toEqual(sentences))

test('connections end somewhere unless each broker says that nothing ends', () => {
  expect(endsAnywhere([nothing, hall({})])).toBe(false)
  expect(endsAnywhere([nothing, hall({ ends: null })])).toBe(true)
  expect(endsAnywhere([hall({ ends: 'concerned' }), nothing])).toBe(true)
})

test('names the brokers that admit a certificate without rights', () => {
  const [sentence, ...more] = admittedElsewhere([nothing, hall({ admitsWithoutRights: true }), hall({})])
  expect(sentence).toContain('On hall-2')
  expect(more).toEqual([])
})
