import type { Decision } from '@gatehouse/contract/brokers/broker'
import { expect, test } from 'vitest'
import { DecisionCounter, maxAdmitted, maxOfClient, maxOthers } from './report.ts'

const refused: Decision = {
  id: 1,
  at: '2026-11-28T10:00:00.000Z',
  outcome: 'refused',
  reason: 'unknown_user',
  listener: 'mqtts',
  address: '10.0.0.1',
  username: 'press-1',
  unknownUsernameLength: null,
  userId: null,
  clientId: 'a',
  method: null,
  certificate: null,
  topic: null,
  admissionRule: null,
  holder: null,
}

test('counts equal decisions together, with their first and last time', () => {
  const counter = new DecisionCounter()
  counter.add(refused)
  counter.add({ ...refused, id: 2, at: '2026-11-28T10:00:03.000Z' })
  counter.add({ ...refused, id: 3, clientId: 'b' })
  expect(counter.take()).toMatchObject({
    decisions: [
      { clientId: 'a', count: 2, firstAt: refused.at, lastAt: '2026-11-28T10:00:03.000Z' },
      { clientId: 'b', count: 1 },
    ],
    leftOut: 0,
  })
  expect(counter.take()).toBeNull()
})

test('begins another entry in the next hour', () => {
  const counter = new DecisionCounter()
  counter.add(refused)
  counter.add({ ...refused, at: '2026-11-28T11:00:00.000Z' })
  expect(counter.take()?.decisions).toHaveLength(2)
})

test('keeps a bounded number of entries of one client, and counts the others', () => {
  const counter = new DecisionCounter()
  for (let n = 0; n < maxOfClient + 7; n++) counter.add({ ...refused, reason: 'publish_refused', topic: `t/${n}` })
  counter.add({ ...refused, username: 'press-2' })
  const report = counter.take()
  expect(report?.decisions).toHaveLength(maxOfClient + 1)
  expect(report?.leftOut).toBe(7)
})

test('keeps refusals although many clients were admitted, and bounds both', () => {
  const counter = new DecisionCounter()
  for (let n = 0; n < maxAdmitted + 1; n++) counter.add({ ...refused, outcome: 'admitted', username: `device-${n}` })
  for (let n = 0; n < maxOthers + 1; n++) counter.add({ ...refused, username: `device-${n}` })
  const report = counter.take()
  expect(report?.decisions).toHaveLength(maxAdmitted + maxOthers)
  expect(report?.leftOut).toBe(2)
})
