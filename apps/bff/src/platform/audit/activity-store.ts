import { sql } from 'kysely'
import { type AllColumns, compileOnce, type Take } from '../db/compile-once.ts'
import type { Db, Trx } from '../db/open.ts'
import type { Schema } from '../db/schema.ts'

/** A count. For `broker.connections`: the most at one time. */
export type Activity = Schema['activity']
export type ActivityKind = Activity['kind']

/** Adds to the count of a slot. */
export async function addActivity(trx: Trx, added: Activity): Promise<void> {
  await insertOrAdd(trx, added)
}

const insertOrAdd = compileOnce((db, take: Take<Activity>) =>
  db
    .insertInto('activity')
    .values({
      kind: take(({ kind }) => kind),
      at: take(({ at }) => at),
      value: take(({ value }) => value),
    } satisfies AllColumns<'activity'>)
    .onConflict((conflict) =>
      conflict.columns(['kind', 'at']).doUpdateSet((e) => ({
        value: e('activity.value', '+', e.ref('excluded.value')),
      })),
    ),
)

/** Raises the maximum of a slot. */
export async function raiseActivity(trx: Trx, seen: Activity): Promise<void> {
  await trx
    .insertInto('activity')
    .values(seen)
    .onConflict((conflict) =>
      conflict
        .columns(['kind', 'at'])
        .doUpdateSet((e) => ({ value: e.ref('excluded.value') }))
        .whereRef('activity.value', '<', 'excluded.value'),
    )
    .execute()
}

export interface ActivitySum {
  kind: ActivityKind
  /** Beginning of the slot or hour. */
  at: string
  sum: number
  most: number
}

/** Figures from this moment on, by slots or hours. Empty slots are missing. */
export async function readActivity(
  reader: Db,
  { kinds, from, by }: { kinds: readonly ActivityKind[]; from: string; by: 'slot' | 'hour' },
): Promise<ActivitySum[]> {
  if (kinds.length === 0) return []
  const beginning = by === 'slot' ? sql<string>`at` : sql<string>`substr(at, 1, 13) || ':00:00.000Z'`
  const rows = await reader
    .selectFrom('activity')
    .select([
      'kind',
      beginning.as('beginning'),
      sql<number | string>`sum(value)`.as('sum'),
      sql<number | string>`max(value)`.as('most'),
    ])
    .where('kind', 'in', kinds)
    .where('at', '>=', from)
    .groupBy(['kind', 'beginning'])
    .execute()
  return rows.map(({ kind, beginning: at, sum, most }) => ({ kind, at, sum: Number(sum), most: Number(most) }))
}

export async function deleteActivityBefore(trx: Trx, at: string): Promise<void> {
  await trx.deleteFrom('activity').where('at', '<', at).execute()
}
