import type { Overview } from '@gatehouse/contract/operations/overview'
import { expect, test } from 'vitest'
import { attentionOf } from './attention.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const quiet: Overview = {
  users: { total: 3, factorMissing: 0, lastSignIns: [] },
  authorities: { total: 2, expiries: { expired: 0, '7-days': 0, '30-days': 0, '60-days': 0 } },
  broker: {
    running: true,
    listeners: [],
    failedListeners: [],
    connections: 1,
    serverCertificate: { notAfter: '2027-11-22T12:00:00Z', isGenerated: true },
  },
  brokers: [],
  providers: [],
  certificates: { expired: 0, '7-days': 0, '30-days': 0, '60-days': 0 },
  storage: { state: 'ok', freeBytes: 5_000_000_000 },
  refusals: { since: '2026-11-22T11:00:00.000Z', count: 0, isMore: false },
  admissions: { since: '2026-11-21T12:00:00.000Z', count: 3, blockedRules: 0 },
}
const said = (overview: Overview) =>
  attentionOf(overview, now).map(({ count, sentence }) => (count === null ? sentence : `${count} ${sentence}`))
const nothing = {
  users: null,
  authorities: null,
  broker: null,
  brokers: null,
  providers: null,
  certificates: null,
  storage: null,
  refusals: null,
  admissions: null,
}

test('returns nothing if all is well or nothing may be viewed', () => {
  expect(said(quiet)).toEqual([])
  expect(said(nothing)).toEqual([])
})

test('names the rules that admit nobody although they are on', () => {
  const admissions = { since: '2026-11-21T12:00:00.000Z', count: 0, blockedRules: 2 }
  expect(said({ ...nothing, admissions })).toEqual(['2 admission rules are on and admit nobody'])
})

test('adds a longer window only if it has more expiries than the shorter one', () => {
  const expiries = { expired: 1, '7-days': 1, '30-days': 1, '60-days': 4 }
  expect(said({ ...nothing, authorities: { total: 9, expiries } })).toEqual([
    '1 CA has expired',
    '1 CA expires within 7 days',
    '4 CAs expire within 60 days',
  ])
  const later = { expired: 0, '7-days': 0, '30-days': 2, '60-days': 2 }
  expect(said({ ...nothing, certificates: later })).toEqual([
    '2 connected devices need new certificates within 30 days',
  ])
})

test('links each item to the list with exactly these entries', () => {
  const found = attentionOf(
    {
      ...quiet,
      users: { total: 3, factorMissing: 2, lastSignIns: [] },
      certificates: { expired: 0, '7-days': 3, '30-days': 3, '60-days': 3 },
      refusals: { since: '2026-11-22T11:00:00.000Z', count: 1_000, isMore: true },
    },
    now,
  )
  expect(found.map(({ status, count, link }) => [status, count, link?.to, link?.search])).toEqual([
    ['expiring', '3', '/broker/connections', { expires: '7-days' }],
    ['expiring', '2', '/users', { factor: 'missing', state: 'enabled' }],
    ['expiring', '1,000+', '/broker/decisions', { outcome: 'refused', from: '2026-11-22T11:00:00.000Z' }],
  ])
})

test.each([
  ['2026-12-22T13:00:00Z', true, []],
  [
    '2026-12-22T11:00:00Z',
    true,
    ['The server certificate expires in 29 days. Restart Gatehouse to generate a new one.'],
  ],
  ['2026-11-23T13:00:00Z', false, ['The server certificate expires in 1 day. Replace it.']],
  ['2026-11-22T11:00:00Z', false, ['The server certificate has expired. Replace it.']],
])('a certificate of the server until %s', (notAfter, isGenerated, sentences) => {
  const broker = {
    running: true,
    listeners: [],
    failedListeners: [],
    connections: 0,
    serverCertificate: { notAfter, isGenerated },
  }
  expect(said({ ...nothing, broker })).toEqual(sentences)
})

test.each<[NonNullable<Overview['storage']>, string, string]>([
  [{ state: 'low', freeBytes: 402_653_184 }, 'expiring', 'The server disk is nearly full: 384 MiB free.'],
  [{ state: 'full', freeBytes: 0 }, 'refused', 'The server disk is full. No change can be stored.'],
  [{ state: 'full', freeBytes: null }, 'refused', 'The server disk is full. No change can be stored.'],
  [
    { state: 'damaged', freeBytes: 5_000_000_000 },
    'refused',
    'The database file is damaged. Stop Gatehouse and restore the backup.',
  ],
])('storage that is %j needs attention', (storage, status, sentence) => {
  expect(attentionOf({ ...nothing, storage }, now)).toEqual([{ status, count: null, sentence, link: null }])
})

test('puts a stopped broker first', () => {
  const broker = { running: false, listeners: [], failedListeners: [], connections: null, serverCertificate: null }
  expect(said({ ...quiet, broker, users: { total: 1, factorMissing: null, lastSignIns: [] } })).toEqual([
    'The broker is not running.',
    '10,000+ users have not set up required MFA',
  ])
})

test('names each broker that needs attention, those that admit anyone or are away first', () => {
  const brokers = [
    { id: '1', name: 'hall-1', trouble: 'behind' as const },
    { id: '2', name: 'hall-2', trouble: 'away' as const },
  ]
  expect(said({ ...nothing, brokers })).toEqual([
    'The broker hall-2 is not reachable.',
    'The broker hall-1 has not applied the latest changes.',
  ])
})

test('names a listener that is not open and why, unless the broker is stopped', () => {
  const failedListeners = [{ name: 'line-3', address: '0.0.0.0', port: 8884, error: 'port_taken' as const }]
  const broker = { running: true, listeners: [], failedListeners, connections: 0, serverCertificate: null }
  const [found] = attentionOf({ ...nothing, broker }, now)
  expect(found).toMatchObject({
    status: 'refused',
    sentence: 'Listener line-3 is not open. Another program has this port.',
    link: { to: '/broker/listeners' },
  })
  expect(said({ ...nothing, broker: { ...broker, running: false } })).toEqual(['The broker is not running.'])
})

test('names the directory that could not be checked, and the provider whose users will lose tokens, with its page', () => {
  const providers = [
    { id: 'p1', label: 'Entra ID', trouble: 'ending' as const, since: null, users: 2 },
    { id: 'p2', label: 'Plant', trouble: 'not-checked' as const, since: null, users: 0 },
  ]
  expect(said({ ...nothing, providers })).toEqual([
    'Plant could not be checked for changes yet.',
    '2 users of Entra ID will lose tokens, because the last sign-in there was long ago',
  ])
  expect(attentionOf({ ...nothing, providers }, now)[0]?.link).toMatchObject({ params: { id: 'p2' } })
})
