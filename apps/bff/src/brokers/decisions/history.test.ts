// @postgres
/** The decisions of the last days: recorded by the broker, kept over restarts, filtered, paged, exported, bounded, pruned. */
import { decisions, type KeptDecision } from '@gatehouse/contract/brokers/decisions'
import { addressOf } from '@gatehouse/contract/client'
import { audit } from '@gatehouse/contract/operations/audit'
import type { Search } from '@gatehouse/contract/route'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { connectClient } from '../../../test/mqtt-client.ts'
import { sendRaw } from '../../../test/raw-request.ts'
import { systemClock, timestamp } from '../../platform/base/clock.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { decisionsInSlices } from './history-store.ts'
import { makeDecisionRecorder } from './recorder.ts'
import type { CountedDecision } from './report.ts'
import { pruneDecisions } from './retention.ts'

let app: TestApp
let open: OpenDatabase
beforeAll(async () => {
  app = await startApp()
  open = await openDatabase(app.database)
})
afterAll(async () => {
  await open.close()
  await app.stop()
})

const hour = (n: number) => `2025-11-01T${String(n).padStart(2, '0')}`
const counted = (changes: Partial<CountedDecision> = {}): CountedDecision => ({
  firstAt: `${hour(10)}:00:00.000Z`,
  lastAt: `${hour(10)}:05:00.000Z`,
  count: 1,
  outcome: 'refused',
  reason: 'unknown_user',
  listener: 'mqtts',
  address: '10.0.0.1',
  username: 'press-1',
  unknownUsernameLength: null,
  userId: null,
  clientId: null,
  method: null,
  certificate: null,
  topic: null,
  admissionRule: null,
  ...changes,
})

const admitted = (username: string, minute: number) =>
  counted({ outcome: 'admitted', reason: null, username, lastAt: `${hour(14)}:0${minute}:00.000Z` })

const list = async (search: Search<typeof decisions.list> = {}) => (await app.as('admin'))(decisions.list, { search })
const usernames = (items: readonly KeptDecision[]) => items.map(({ username }) => username)

describe('decisions of the broker', () => {
  it('are in the list after a restart, with those before the server stopped', async () => {
    const port = Number(new URL(app.started.mqttUrl ?? '').port)
    for (let n = 0; n < 2; n++) {
      const client = await connectClient(port, {
        connect: { clientId: 'stranger', username: 'admin', password: Buffer.from('wrong') },
      })
      await client.connack()
      await client.closed
    }
    await app.restart()
    const { items } = await list({ 'username[eq]': 'admin' })
    expect(items).toMatchObject([{ outcome: 'refused', reason: 'wrong_credentials', clientId: 'stranger', count: 2 }])
  })
})

describe('kept decisions', () => {
  beforeAll(async () => {
    const record = makeDecisionRecorder({ db: open.db, clock: systemClock })
    await record({ decisions: [counted(), counted({ username: 'press-2', topic: '=1+1' })], leftOut: 3 })
    const later = { firstAt: `${hour(10)}:30:00.000Z`, lastAt: `${hour(10)}:40:00.000Z`, count: 4 }
    await record({ decisions: [counted(later)], leftOut: 0 })
    const others = [hour(11), hour(12), hour(13)].map((at) =>
      counted({
        firstAt: `${at}:00:00.000Z`,
        lastAt: `${at}:00:00.000Z`,
        outcome: 'closed',
        reason: 'closed_by_admin',
      }),
    )
    await record({ decisions: others, leftOut: 0 })
  })
  const past = { 'at[lt]': '2025-11-02T00:00:00.000Z' }

  it('are one entry if they are equal and of the same hour', async () => {
    const { items } = await list({ ...past, 'outcome[eq]': 'refused', 'username[eq]': 'press-1' })
    expect(items).toMatchObject([
      { count: 5, firstAt: `${hour(10)}:00:00.000Z`, lastAt: `${hour(10)}:40:00.000Z`, reason: 'unknown_user' },
    ])
  })

  it.each<[Search<typeof decisions.list>, number]>([
    [{ 'outcome[eq]': 'closed' }, 3],
    [{ 'reason[eq]': 'closed_by_admin' }, 3],
    [{ 'username[eq]': 'press-2' }, 1],
    [{ 'address[eq]': '10.0.0.1' }, 5],
    [{ 'address[eq]': '10.0.0.2' }, 0],
    [{ 'listener[eq]': 'mqtt' }, 0],
    [{ search: 'press' }, 5],
    [{ search: 'PRESS' }, 5],
    [{ 'at[gte]': `${hour(11)}:00:00.000Z`, 'at[lt]': `${hour(13)}:00:00.000Z` }, 2],
    // The entry of press-1 began before and ended after.
    [{ 'at[gte]': `${hour(10)}:10:00.000Z`, 'at[lt]': `${hour(10)}:20:00.000Z` }, 1],
  ])('are filtered by %j', async (filters, total) => {
    expect(await list({ ...past, ...filters })).toMatchObject({ total })
  })

  it('are paged by key, the newest first', async () => {
    const first = await list({ ...past, limit: 3 })
    const second = await list({ ...past, limit: 3, cursor: first.nextCursor ?? '' })
    expect(second.nextCursor).toBeNull()
    const times = [...first.items, ...second.items].map(({ lastAt }) => lastAt)
    expect(times).toHaveLength(5)
    expect(times).toEqual(times.toSorted().toReversed())
  })

  it('name how many were left out', async () => {
    expect((await list()).leftOut).toBe(3)
    expect((await list(past)).leftOut).toBe(0)
  })

  it('are exported as CSV without formulas, and the audit records it', async () => {
    const path = addressOf(decisions.list, { search: { ...past, format: 'csv', 'reason[eq]': 'unknown_user' } })
    const { text, headers } = await sendRaw(app, { method: 'GET', path }, { token: await app.token('admin') })
    const [head, ...lines] = text.trimEnd().split('\r\n')
    expect(head).toMatch(/^lastAt,firstAt,count,outcome,reason,username,/)
    expect(lines).toHaveLength(2)
    expect(lines.find((line) => line.includes('press-2'))).toContain("'=1+1")
    expect(headers.get('Content-Disposition')).toMatch(/gatehouse-decisions-\d{4}-\d\d-\d\d\.csv/)
    const events = await (await app.as('admin'))(audit.list, { search: { 'action[eq]': 'decisions.exported' } })
    expect(events.items).toMatchObject([{ after: { format: 'csv', filters: { 'reason[eq]': 'unknown_user' } } }])
  })

  it('are counted and not written while an earlier report is being written', async () => {
    const record = makeDecisionRecorder({ db: open.db, clock: systemClock })
    const before = (await list()).leftOut
    const first = record({ decisions: [counted({ username: 'first' })], leftOut: 0 })
    await record({ decisions: [counted({ username: 'second', count: 7 })], leftOut: 0 })
    await first
    expect(usernames((await list({ ...past, search: 'first' })).items)).toEqual(['first'])
    expect(await list({ ...past, search: 'second' })).toMatchObject({ total: 0 })
    expect((await list()).leftOut).toBe(before + 7)
  })

  it.each([
    ['rows', { rows: 2, bytes: 1_000_000 }],
    ['bytes', { rows: 1_000, bytes: 1_500 }],
  ])('of one outcome are bounded in %s: the oldest go first', async (_what, limit) => {
    const limits = { admitted: limit, refused: limit, closed: limit }
    const record = makeDecisionRecorder({ db: open.db, clock: systemClock }, limits)
    for (let n = 0; n < 5; n++) await record({ decisions: [admitted(`in-${n}`, n)], leftOut: 0 })
    expect(usernames((await list({ ...past, 'outcome[eq]': 'admitted' })).items)).toEqual(['in-4', 'in-3'])
    expect(await list({ ...past, 'outcome[eq]': 'closed' })).toMatchObject({ total: 3 })
  })

  it('are deleted when they are older than the policy keeps', async () => {
    const fortnightLater = { now: () => new Date('2025-11-15T12:30:00.000Z') }
    await pruneDecisions({ db: open.db, clock: fortnightLater }, 14)
    expect((await list(past)).items.map(({ lastAt }) => lastAt).toSorted()[0]).toBe(`${hour(13)}:00:00.000Z`)
    expect((await list()).keptSince).toBe(`${hour(13)}:00:00.000Z`)
  })

  it('come once in an export, also those that repeat while it is read', async () => {
    const record = makeDecisionRecorder({ db: open.db, clock: systemClock })
    const repeated = Array.from({ length: 600 }, (_, n) => counted({ username: 'repeated', topic: `t/${n}` }))
    await record({ decisions: repeated, leftOut: 0 })
    const ids: string[] = []
    const filters = { 'username[eq]': 'repeated', sort: 'at', limit: 50 } as const
    for await (const slice of decisionsInSlices(open.reader, filters)) {
      ids.push(...slice.map(({ id }) => id))
      if (ids.length < 600) {
        await record({ decisions: repeated.map((each) => ({ ...each, lastAt: timestamp(systemClock) })), leftOut: 0 })
      }
    }
    expect(ids).toHaveLength(600)
    expect(new Set(ids).size).toBe(600)
  })
})
