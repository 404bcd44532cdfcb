/** The decisions of the last days in the database. */
import type { decisions, KeptDecision } from '@gatehouse/contract/brokers/decisions'
import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { type Selectable, sql } from 'kysely'
import { allPages, begins, countUpTo, readPage } from '../../platform/db/keyset.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'

export type DecisionFilters = Omit<Parsed<typeof decisions.list>['search'], 'format'>
type Row = Schema['decisions']
type Outcome = KeptDecision['outcome']

export interface Kept {
  rows: number
  bytes: number
}

/** Adds entries or the counts of entries that are there. All must have the same outcome. Returns what is kept of it. */
export async function addDecisions(trx: Trx, outcome: Outcome, rows: readonly Row[]): Promise<Kept> {
  const written = await trx
    .insertInto('decisions')
    .values([...rows])
    .onConflict((conflict) =>
      conflict.column('equality_key').doUpdateSet((e) => ({
        count: e('decisions.count', '+', e.ref('excluded.count')),
        last_at: e.ref('excluded.last_at'),
      })),
    )
    .returning('id')
    .execute()
  // A conflict returns the id of the row that was there.
  const inserted = new Set(written.map(({ id }) => id))
  const added = rows.filter(({ id }) => inserted.has(id))
  return addToTotals(trx, outcome, { rows: added.length, bytes: added.reduce((sum, { bytes }) => sum + bytes, 0) })
}

/** Deletes the oldest entries of this outcome, at most `most`, and returns what is kept of it then. */
export async function deleteOldest(
  trx: Trx,
  outcome: Outcome,
  { before, most }: { before?: string; most: number },
): Promise<Kept & { deleted: number }> {
  let oldest = trx.selectFrom('decisions').select('id').where('outcome', '=', outcome)
  if (before !== undefined) oldest = oldest.where('last_at', '<', before)
  const deleted = await trx
    .deleteFrom('decisions')
    .where('id', 'in', oldest.orderBy('last_at').orderBy('id').limit(most))
    .returning('bytes')
    .execute()
  const bytes = deleted.reduce((sum, row) => sum + row.bytes, 0)
  const kept = await addToTotals(trx, outcome, { rows: -deleted.length, bytes: -bytes })
  return { ...kept, deleted: deleted.length }
}

async function addToTotals(trx: Trx, outcome: Outcome, { rows, bytes }: Kept): Promise<Kept> {
  return trx
    .insertInto('decision_totals')
    .values({ outcome, rows, bytes })
    .onConflict((conflict) =>
      conflict.column('outcome').doUpdateSet((e) => ({
        rows: e('decision_totals.rows', '+', e.ref('excluded.rows')),
        bytes: e('decision_totals.bytes', '+', e.ref('excluded.bytes')),
      })),
    )
    .returning(['rows', 'bytes'])
    .executeTakeFirstOrThrow()
}

/** `at`: the beginning of an hour. */
export async function addLeftOut(trx: Trx, at: string, count: number): Promise<void> {
  await trx
    .insertInto('decisions_left_out')
    .values({ at, count })
    .onConflict((conflict) =>
      conflict
        .column('at')
        .doUpdateSet((e) => ({ count: e('decisions_left_out.count', '+', e.ref('excluded.count')) })),
    )
    .execute()
}

export async function deleteLeftOutBefore(trx: Trx, before: string): Promise<void> {
  await trx.deleteFrom('decisions_left_out').where('at', '<', before).execute()
}

export interface KeptPage extends Page<KeptDecision> {
  leftOut: number
  keptSince: string | null
}

export async function listDecisions(reader: Db, filters: DecisionFilters): Promise<KeptPage> {
  const query = filtered(reader, filters)
  const { rows, nextCursor } = await readPage(query.selectAll(), {
    ...orderOf(filters),
    cursor: filters.cursor,
    limit: filters.limit,
  })
  const oldest = await reader.selectFrom('decisions').select('last_at').orderBy('last_at').limit(1).executeTakeFirst()
  return {
    items: rows.map(toDecision),
    nextCursor,
    total: await countUpTo(reader, query),
    leftOut: await countLeftOut(reader, filters),
    keptSince: oldest?.last_at ?? null,
  }
}

const sliceSize = 500

/**
 * All matching entries, by the time at which they began. Each comes once, although an entry that repeats meanwhile moves
 * in the order of the list.
 */
export async function* decisionsInSlices(reader: Db, filters: DecisionFilters): AsyncGenerator<KeptDecision[]> {
  const byId = { ...orderOf(filters), by: sql.ref<string>('id') }
  const query = filtered(reader, filters).selectAll()
  for await (const rows of allPages((cursor) => readPage(query, { ...byId, cursor, limit: sliceSize }))) {
    yield rows.map(toDecision)
  }
}

/** The refusals for these reasons that name a user, in slices, the newest first. */
export async function* refusalsByName(reader: Db, reasons: readonly string[]): AsyncGenerator<KeptDecision[]> {
  const query = reader
    .selectFrom('decisions')
    .selectAll()
    .where('outcome', '=', 'refused')
    .where('reason', 'in', reasons)
    .where('username', 'is not', null)
  const newestFirst = { by: sql.ref<string>('last_at'), id: sql.ref<string>('id'), descending: true }
  for await (const rows of allPages((cursor) => readPage(query, { ...newestFirst, cursor, limit: sliceSize }))) {
    yield rows.map(toDecision)
  }
}

function orderOf({ sort }: DecisionFilters) {
  return { by: sql.ref<string>('last_at'), id: sql.ref<string>('id'), descending: sort !== 'at' }
}

function filtered(reader: Db, filters: DecisionFilters) {
  let query = reader.selectFrom('decisions')
  if (filters['username[eq]'] !== undefined) query = query.where('username', '=', filters['username[eq]'])
  if (filters['outcome[eq]'] !== undefined) query = query.where('outcome', '=', filters['outcome[eq]'])
  if (filters['reason[eq]'] !== undefined) query = query.where('reason', '=', filters['reason[eq]'])
  if (filters['listener[eq]'] !== undefined) query = query.where('listener', '=', filters['listener[eq]'])
  if (filters['address[eq]'] !== undefined) query = query.where('address', '=', filters['address[eq]'])
  // An entry matches if some of its time lies in the range.
  if (filters['at[gte]'] !== undefined) query = query.where('last_at', '>=', filters['at[gte]'])
  if (filters['at[lt]'] !== undefined) query = query.where('first_at', '<', filters['at[lt]'])
  const { search } = filters
  if (search) {
    query = query.where((e) =>
      e.or([
        begins('username', search),
        begins('client_id', search),
        begins('topic', search),
        e('address', '=', search),
      ]),
    )
  }
  return query
}

async function countLeftOut(reader: Db, filters: DecisionFilters): Promise<number> {
  let query = reader.selectFrom('decisions_left_out').select((e) => e.fn.sum<number | string | null>('count').as('sum'))
  if (filters['at[gte]'] !== undefined) query = query.where('at', '>=', hourOf(filters['at[gte]']))
  if (filters['at[lt]'] !== undefined) query = query.where('at', '<', filters['at[lt]'])
  return Number((await query.executeTakeFirst())?.sum ?? 0)
}

/** The beginning of the hour of a stored time. */
export function hourOf(at: string): string {
  return `${at.slice(0, 13)}:00:00.000Z`
}

function toDecision(row: Selectable<Row>): KeptDecision {
  return {
    id: row.id,
    firstAt: row.first_at,
    lastAt: row.last_at,
    count: row.count,
    outcome: row.outcome,
    // Only the recorder writes these three, with these types.
    reason: row.reason as KeptDecision['reason'],
    listener: row.listener,
    method: row.method as KeptDecision['method'],
    address: row.address,
    username: row.username,
    unknownUsernameLength: row.unknown_username_length,
    userId: row.user_id,
    clientId: row.client_id,
    certificate: row.certificate === null ? null : JSON.parse(row.certificate),
    topic: row.topic,
    admissionRule: row.admission_rule,
  }
}
