/**
 * The log of changes that concern who may do what on a broker. A change writes its row in its own transaction. Each enforcer
 * (the embedded broker, and the adapter or the agent of each other broker) follows the log with a cursor of its own, so a restart,
 * a lost message or another process cannot make it miss a change. Writers take turns on both databases, so the order of
 * sequences is the order of commits.
 */
import { type Clock, timestamp } from '../base/clock.ts'
import type { Db, Trx } from '../db/open.ts'
import type { PreparedReader } from '../db/prepared-reader.ts'

export const changeKinds = [
  'user',
  'role',
  'authority',
  'revocation',
  'crl',
  'policy',
  'listener',
  'broker',
  'admission',
  'upstream',
] as const
export type ChangeKind = (typeof changeKinds)[number]

export interface Change {
  kind: ChangeKind
  /** Ids of users and roles, fingerprints of CA certificates; null: all of this kind. */
  ids: readonly string[] | null
}

/** The trust store as a whole, such as when the rights of a person who limited a CA changed. */
export const trustChange: Change = { kind: 'authority', ids: null }

export interface LoggedChange extends Change {
  sequence: number
}

/** Returns the sequence of the change. The caller waits for it after the commit. */
export async function appendChange(trx: Trx, clock: Clock, { kind, ids }: Change): Promise<number> {
  const { sequence } = await trx
    .insertInto('access_changes')
    .values({ kind, ids: ids && JSON.stringify(ids), at: timestamp(clock) })
    .returning('sequence')
    .executeTakeFirstOrThrow()
  return sequence
}

/** The sequence of the newest change; 0 before the first. */
export async function readLatestChange(db: Db): Promise<number> {
  const newest = await db
    .selectFrom('access_changes')
    .select((e) => e.fn.max('sequence').as('last'))
    .executeTakeFirst()
  const pruned = await db.selectFrom('access_changes_pruned').select('through').executeTakeFirst()
  return Math.max(newest?.last ?? 0, pruned?.through ?? 0)
}

/** Has a change of this kind come after the cursor? Also true where some changes after it were pruned. */
export async function hasChangedSince(db: Db, kind: ChangeKind, cursor: number): Promise<boolean> {
  const pruned = await db.selectFrom('access_changes_pruned').select('through').executeTakeFirst()
  if ((pruned?.through ?? 0) > cursor) return true
  const change = await db
    .selectFrom('access_changes')
    .select('sequence')
    .where('sequence', '>', cursor)
    .where('kind', '=', kind)
    .limit(1)
    .executeTakeFirst()
  return change !== undefined
}

/** When the earliest change after the cursor was made. Null: there is none. */
export async function earliestChangeAfter(db: Db, cursor: number): Promise<string | null> {
  const next = await db
    .selectFrom('access_changes')
    .select('at')
    .where('sequence', '>', cursor)
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst()
  return next?.at ?? null
}

/** Appends several changes of one transaction. Returns their sequences. */
export async function appendChanges(trx: Trx, clock: Clock, changes: readonly Change[]): Promise<number[]> {
  const sequences: number[] = []
  for (const change of changes) sequences.push(await appendChange(trx, clock, change))
  return sequences
}

/** Removes what is older. An enforcer whose cursor is older than the mark has to look at everything again. */
export async function pruneChangesBefore(trx: Trx, before: string): Promise<void> {
  const { last } = await trx
    .selectFrom('access_changes')
    .where('at', '<', before)
    .select((e) => e.fn.max('sequence').as('last'))
    .executeTakeFirstOrThrow()
  if (last === null) return
  await trx.updateTable('access_changes_pruned').set({ through: last }).execute()
  await trx.deleteFrom('access_changes').where('sequence', '<=', last).execute()
}

export interface ChangeReader {
  /** The sequence of the newest change; 0 before the first. */
  latestChange(): Promise<number>
  /** The next changes after the cursor, in their order; null where some of them were pruned already. */
  changesAfter(cursor: number): Promise<LoggedChange[] | null>
}

const changesAtOnce = 500

interface ChangeRow {
  sequence: number | string
  kind: ChangeKind
  ids: string | null
}

export function prepareChanges(reader: PreparedReader): ChangeReader {
  const latest = reader.prepare<{ sequence: number | string | null }>(
    () => `select max(sequence) as sequence from (
      select max(sequence) as sequence from access_changes union all select through from access_changes_pruned) as known`,
  )
  const pruned = reader.prepare<{ through: number | string }>(() => 'select through from access_changes_pruned')
  const after = reader.prepare<ChangeRow>(
    () =>
      `select sequence, kind, ids from access_changes where sequence > cast(? as bigint) order by sequence limit ${changesAtOnce}`,
  )
  return {
    latestChange: async () => Number((await latest())[0]?.sequence ?? 0),
    changesAfter: async (cursor) => {
      const rows = await after(String(cursor))
      // Read after the rows, so that it shows what was pruned between the two statements.
      const [mark] = await pruned()
      if (Number(mark?.through ?? 0) > cursor) return null
      return rows.map(({ sequence, kind, ids }) => ({
        sequence: Number(sequence),
        kind,
        ids: ids === null ? null : (JSON.parse(ids) as string[]),
      }))
    },
  }
}
