// @postgres
/** The change log on both databases, and an enforcer that follows it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeDatabase, type TestDatabase } from '../../../test/database.ts'
import { offsetClock } from '../base/clock.ts'
import type { OpenDatabase } from '../db/database.ts'
import { migrate } from '../db/migrate.ts'
import { openDatabase } from '../db/open.ts'
import { openPreparedReader, type PreparedReader } from '../db/prepared-reader.ts'
import { ChangeFollower, type Enforce } from './follower.ts'
import {
  appendChange,
  type Change,
  type ChangeReader,
  hasChangedSince,
  type LoggedChange,
  prepareChanges,
  pruneChangesBefore,
} from './store.ts'

const hourMs = 3_600_000
let offsetMs = 0
const clock = offsetClock(() => offsetMs)

let folder: string
let own: TestDatabase
let database: OpenDatabase
let reader: PreparedReader
let log: ChangeReader
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-changes-'))
  own = await makeDatabase(folder)
  database = await openDatabase(own.place)
  await migrate(database)
  reader = openPreparedReader(own.place)
  log = prepareChanges(reader)
})
afterAll(async () => {
  await reader.close()
  await database.close()
  await own.remove()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  offsetMs = 0
})

const append = (change: Change) => database.db.transaction().execute((trx) => appendChange(trx, clock, change))
const prune = (before: Date) =>
  database.db.transaction().execute((trx) => pruneChangesBefore(trx, before.toISOString()))
const userChange = (id: string): Change => ({ kind: 'user', ids: [id] })

async function followFrom(cursor: number, more: Partial<Enforce> = {}) {
  const enforced: string[] = []
  const follower = new ChangeFollower(log, {
    cursor,
    enforce: {
      change: async ({ kind, ids }) => {
        enforced.push(`${kind} ${ids?.join() ?? 'all'}`)
        return [...(ids ?? [])]
      },
      everything: async () => {
        enforced.push('everything')
        return []
      },
      ...more,
    },
  })
  return { follower, enforced }
}

describe('the log', () => {
  it('answers changes after a cursor in the order of their commits', async () => {
    const cursor = await log.latestChange()
    const first = await append(userChange('a'))
    const second = await append({ kind: 'policy', ids: null })
    expect(await log.changesAfter(cursor)).toEqual([
      { sequence: first, kind: 'user', ids: ['a'] },
      { sequence: second, kind: 'policy', ids: null },
    ])
    expect(await log.changesAfter(second)).toEqual([])
  })

  it('keeps nothing of a transaction that was rolled back', async () => {
    const cursor = await log.latestChange()
    const failing = database.db.transaction().execute(async (trx) => {
      await appendChange(trx, clock, userChange('rolled-back'))
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
    const next = await append(userChange('kept'))
    expect(await log.changesAfter(cursor)).toEqual([{ sequence: next, kind: 'user', ids: ['kept'] }])
  })

  it('gives the later sequence to the transaction that commits later, in whatever order they began', async () => {
    const cursor = await log.latestChange()
    const opened = Promise.withResolvers<void>()
    const slow = database.db.transaction().execute(async (trx) => {
      opened.resolve()
      await new Promise((resume) => setTimeout(resume, 50))
      return appendChange(trx, clock, userChange('slow'))
    })
    await opened.promise
    const quick = append(userChange('quick'))
    const seen: number[] = []
    const committed = [slow, quick].map(async (one) => seen.push(await one))
    await Promise.all(committed)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect((await log.changesAfter(cursor))?.map(({ sequence }) => sequence)).toEqual(seen)
  })

  it('never gives a sequence twice, also after everything was pruned', async () => {
    const last = await append(userChange('last'))
    offsetMs = hourMs
    await prune(clock.now())
    expect(await log.latestChange()).toBe(last)
    expect(await append(userChange('next'))).toBeGreaterThan(last)
  })

  it('says whether something of a kind has changed after a cursor', async () => {
    const cursor = await append({ kind: 'authority', ids: null })
    await append(userChange('one'))
    expect(await hasChangedSince(database.db, 'authority', cursor)).toBe(false)
    expect(await hasChangedSince(database.db, 'authority', cursor - 1)).toBe(true)
    // What was pruned is not known any more.
    await prune(new Date(clock.now().getTime() + hourMs))
    expect(await hasChangedSince(database.db, 'authority', cursor)).toBe(true)
  })
})

describe('a follower', () => {
  it('enforces each change once and says how many connections it ended', async () => {
    const { follower, enforced } = await followFrom(await log.latestChange())
    const one = await append(userChange('one'))
    const two = await append(userChange('two'))
    expect(await Promise.all([follower.enforced([two]), follower.enforced([one]), follower.follow()])).toEqual([
      1,
      1,
      undefined,
    ])
    await follower.follow()
    expect(enforced).toEqual(['user one', 'user two'])
  })

  it('counts for the second of two changes of a user what the first one ended with the facts of both', async () => {
    const ended = [['one'], []]
    const { follower } = await followFrom(await log.latestChange(), { change: async () => ended.shift() ?? [] })
    await append(userChange('one'))
    const second = await append(userChange('one'))
    expect(await follower.enforced([second])).toBe(1)
  })

  it('counts a connection once for a transaction with two changes that concern it', async () => {
    const ended = [['one'], []]
    const { follower } = await followFrom(await log.latestChange(), { change: async () => ended.shift() ?? [] })
    const user = await append(userChange('one'))
    const trust = await append({ kind: 'authority', ids: null })
    expect(await follower.enforced([user, trust])).toBe(1)
    expect(await follower.enforced([trust])).toBe(1)
  })

  it('looks at everything again when its cursor is older than what was pruned', async () => {
    const { follower, enforced } = await followFrom(await log.latestChange())
    await append(userChange('pruned'))
    offsetMs = hourMs
    await prune(clock.now())
    const kept = await append(userChange('kept'))
    await follower.follow()
    expect(enforced).toEqual(['everything'])
    expect(follower.cursor).toBe(kept)
  })

  it('goes on at the same change after it could not be enforced', async () => {
    let isAway = true
    const seen: LoggedChange['sequence'][] = []
    const { follower } = await followFrom(await log.latestChange(), {
      change: async ({ sequence }) => {
        if (isAway) throw new Error('the database is away')
        seen.push(sequence)
        return []
      },
    })
    const one = await append(userChange('one'))
    await expect(follower.follow()).rejects.toThrow('away')
    isAway = false
    await follower.follow()
    expect(seen).toEqual([one])
  })

  it('follows more changes than it reads at once', async () => {
    const { follower, enforced } = await followFrom(await log.latestChange())
    await database.db.transaction().execute(async (trx) => {
      for (let at = 0; at < 1_200; at++) await appendChange(trx, clock, userChange(String(at)))
    })
    await follower.follow()
    expect(enforced).toHaveLength(1_200)
  })
})
