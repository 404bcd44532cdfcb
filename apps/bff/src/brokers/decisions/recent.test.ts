import { expect, test } from 'vitest'
import { offsetClock } from '../../platform/base/clock.ts'
import { makeDecisions, maxDecisions, maxHandshakeFailures, type NewDecision } from './recent.ts'

const clock = offsetClock(() => 0)
const refused: NewDecision = { outcome: 'refused', reason: 'unknown_user', listener: 'mqtts', address: '10.0.0.1' }

test('lists the newest first, with rising ids', () => {
  const decisions = makeDecisions(clock)
  decisions.record({ ...refused, username: 'a' })
  decisions.record({ ...refused, username: 'b' })
  const [b, a] = decisions.list({})
  expect([a, b].map((each) => each?.username)).toEqual(['a', 'b'])
  expect(b?.id).toBe((a?.id ?? 0) + 1)
  expect(decisions.list({ after: a?.id })).toEqual([b])
})

test('gives higher ids after a restart', () => {
  let atMs = 0
  const moving = offsetClock(() => atMs)
  const before = makeDecisions(moving)
  for (let at = 0; at < maxDecisions; at++) before.record(refused)
  atMs = 1
  const after = makeDecisions(moving)
  after.record(refused)
  expect(after.list({ after: before.list({})[0]?.id })).toHaveLength(1)
})

test('filters by text and outcome', () => {
  const decisions = makeDecisions(clock)
  decisions.record({ ...refused, username: 'Device001' })
  decisions.record({ ...refused, outcome: 'admitted', reason: null, username: 'device002' })
  expect(decisions.list({ search: 'device001' })).toHaveLength(1)
  expect(decisions.list({ search: 'UNKNOWN_USER' })).toHaveLength(1)
  expect(decisions.list({ outcome: 'admitted' })).toMatchObject([{ username: 'device002' }])
  expect(decisions.list({ search: 'nothing' })).toEqual([])
})

test('keeps the last 1,000 decisions', () => {
  const decisions = makeDecisions(clock)
  for (let at = 0; at < maxDecisions + 10; at++) decisions.record({ ...refused, username: `device${at}` })
  const all = decisions.list({})
  expect(all).toHaveLength(maxDecisions)
  expect(all.at(-1)?.username).toBe('device10')
})

test('keeps the other decisions during a port scan', () => {
  const decisions = makeDecisions(clock)
  decisions.record({ ...refused, username: 'device001' })
  for (let at = 0; at < 5_000; at++) {
    decisions.record({ ...refused, reason: 'handshake_failed', address: `10.1.${at >> 8}.${at & 255}` })
    decisions.record({ ...refused, reason: 'handshake_failed', address: '10.2.0.1' })
  }
  const all = decisions.list({})
  expect(all.at(-1)).toMatchObject({ username: 'device001' })
  expect(all).toHaveLength(1 + maxHandshakeFailures)
  expect(all.filter(({ address }) => address === '10.2.0.1')).toHaveLength(1)
})

test('shortens texts that clients choose, and replaces what PostgreSQL cannot store', () => {
  const decisions = makeDecisions(clock)
  const long = 'x'.repeat(60_000)
  const certificate = { fingerprint: 'f', subject: long, serialNumber: null, notAfter: null }
  const unknown = { authority: null, authorityName: null, revocation: null }
  decisions.record({ ...refused, topic: long, clientId: 'a\0b', certificate: { ...certificate, ...unknown } })
  decisions.record({ ...refused, username: 'half \uD83D' })
  const [second, first] = decisions.list({})
  expect([first?.topic?.length, first?.certificate?.subject.length]).toEqual([512, 512])
  expect(first?.clientId).toBe('a\uFFFDb')
  expect(second?.username).toBe('half \uFFFD')
  expect(decisions.takeReport()?.decisions[0]?.topic).toBe(first?.topic)
})
