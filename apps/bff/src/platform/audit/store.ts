import type { AuditAction, AuditEvent, AuditField, AuditGroup, audit } from '@gatehouse/contract/operations/audit'
import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { type Insertable, type Selectable, sql } from 'kysely'
import { type Clock, timestamp } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { type AllColumns, compileOnce, type Take } from '../db/compile-once.ts'
import { allPages, begins, countUpTo, readPage } from '../db/keyset.ts'
import type { Db, Trx } from '../db/open.ts'
import type { Schema } from '../db/schema.ts'
import type { Actor } from '../http/request.ts'
import { slotOf } from './activity-slots.ts'
import { type ActivityKind, addActivity } from './activity-store.ts'
import type { AuditTarget } from './targets.ts'

export type EventFilters = Parsed<typeof audit.list>['search']

export interface AuditEntry {
  action: AuditAction
  actor: Actor
  target?: AuditTarget
  before?: object
  after?: object
  reason?: string
}

/**
 * Actions that the overview draws over time. They are counted in the transaction of the event, because counting them later
 * would read the whole audit.
 */
const counted: Partial<Record<AuditAction, ActivityKind>> = {
  'session.signed-in': 'console.admitted',
  'session.refused': 'console.refused',
  'token.refused': 'console.refused',
}

/** Facts in which each field has a name in the console. Another field is a type error at its caller. */
type OnlyKnown<Facts> = { readonly [Field in keyof Facts]: Field extends AuditField | AuditGroup ? unknown : never }

interface KnownEntry<Before, After> extends Omit<AuditEntry, 'before' | 'after'> {
  before?: Before & OnlyKnown<Before>
  after?: After & OnlyKnown<After>
}

/** Records an event in the transaction of its change. It must not contain a secret, a hash or a key. */
export async function recordEvent<Before extends object, After extends object>(
  trx: Trx,
  clock: Clock,
  entry: KnownEntry<Before, After>,
): Promise<void> {
  await recordEvents(trx, clock, [entry])
}

/** For at most a few hundred events. */
export async function recordEvents(trx: Trx, clock: Clock, entries: readonly AuditEntry[]): Promise<void> {
  const rows = entries.map(({ action, actor, target, before, after, reason }) => ({
    id: newId(clock.now()),
    at: timestamp(clock),
    action,
    actor_id: actor.userId,
    actor_username: actor.username,
    via: actor.via,
    target_type: target?.type ?? null,
    target_id: target?.id ?? null,
    target_name: target?.name ?? null,
    address: actor.address,
    before: before ? JSON.stringify(before) : null,
    after: after ? JSON.stringify(after) : null,
    reason: reason ?? null,
  }))
  const [only, ...others] = rows
  if (only && others.length === 0) await insertEvent(trx, only)
  else await trx.insertInto('audit_events').values(rows).execute()
  for (const [kind, value] of kindsIn(entries)) await addActivity(trx, { kind, at: slotOf(clock.now()), value })
}

const insertEvent = compileOnce((db, take: Take<Insertable<Schema['audit_events']>>) =>
  db.insertInto('audit_events').values({
    id: take(({ id }) => id),
    at: take(({ at }) => at),
    action: take(({ action }) => action),
    actor_id: take((event) => event.actor_id),
    actor_username: take((event) => event.actor_username),
    via: take(({ via }) => via),
    target_type: take((event) => event.target_type),
    target_id: take((event) => event.target_id),
    target_name: take((event) => event.target_name),
    address: take(({ address }) => address),
    before: take(({ before }) => before),
    after: take(({ after }) => after),
    reason: take(({ reason }) => reason),
  } satisfies AllColumns<'audit_events'>),
)

function kindsIn(entries: readonly AuditEntry[]): Map<ActivityKind, number> {
  const kinds = new Map<ActivityKind, number>()
  for (const { action } of entries) {
    const kind = counted[action]
    if (kind) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  return kinds
}

export async function listEvents(reader: Db, filters: EventFilters): Promise<Page<AuditEvent>> {
  const query = filtered(reader, filters)
  const { rows, nextCursor } = await readPage(query.selectAll(), {
    ...orderOf(filters),
    cursor: filters.cursor,
    limit: filters.limit,
  })
  return { items: rows.map(toEvent), nextCursor, total: await countUpTo(reader, query) }
}

export async function findEvent(reader: Db, id: string): Promise<AuditEvent | undefined> {
  const row = await reader.selectFrom('audit_events').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toEvent(row)
}

const sliceSize = 500

/** All matching events, in the order of the list. */
export async function* eventsInSlices(reader: Db, filters: EventFilters): AsyncGenerator<AuditEvent[]> {
  const query = filtered(reader, filters).selectAll()
  const order = orderOf(filters)
  for await (const rows of allPages((cursor) => readPage(query, { ...order, cursor, limit: sliceSize }))) {
    yield rows.map(toEvent)
  }
}

function orderOf({ sort }: EventFilters) {
  return { by: sql.ref<string>('at'), id: sql.ref<string>('id'), descending: sort !== 'at' }
}

/**
 * Deletes the oldest events first, at most `most`, and returns how many. The mark is set first, because a trigger refuses to
 * delete events after it.
 */
export async function deleteEventsBefore(trx: Trx, before: string, most: number): Promise<number> {
  await trx.updateTable('audit_retention').set({ kept_since: before }).where('kept_since', '<', before).execute()
  const oldest = trx.selectFrom('audit_events').select('seq').where('at', '<', before).orderBy('at').limit(most)
  const { numDeletedRows } = await trx.deleteFrom('audit_events').where('seq', 'in', oldest).executeTakeFirst()
  const deleted = Number(numDeletedRows)
  if (deleted > 0) {
    await trx
      .updateTable('audit_retention')
      .set((e) => ({ deleted: e('deleted', '+', deleted) }))
      .execute()
  }
  return deleted
}

/** Returns how many events were deleted since the last call. */
export async function takePruned(trx: Trx): Promise<{ deleted: number; keptSince: string }> {
  const { deleted, kept_since } = await trx.selectFrom('audit_retention').selectAll().executeTakeFirstOrThrow()
  if (deleted > 0) await trx.updateTable('audit_retention').set({ deleted: 0 }).execute()
  return { deleted, keptSince: kept_since }
}

function filtered(reader: Db, filters: EventFilters) {
  let query = reader.selectFrom('audit_events')
  if (filters['actor[eq]'] !== undefined) query = query.where('actor_username', '=', filters['actor[eq]'])
  if (filters['action[eq]'] !== undefined) query = query.where('action', '=', filters['action[eq]'])
  if (filters['target[eq]'] !== undefined) query = query.where('target_id', '=', filters['target[eq]'])
  if (filters['targetType[eq]'] !== undefined) query = query.where('target_type', '=', filters['targetType[eq]'])
  if (filters['at[gte]'] !== undefined) query = query.where('at', '>=', filters['at[gte]'])
  if (filters['at[lt]'] !== undefined) query = query.where('at', '<', filters['at[lt]'])
  const { search } = filters
  if (search) {
    query = query.where((e) =>
      e.or([
        begins('actor_username', search),
        begins('target_name', search),
        e('target_id', '=', search),
        e('address', '=', search),
      ]),
    )
  }
  return query
}

function toEvent(row: Selectable<Schema['audit_events']>): AuditEvent {
  return {
    id: row.id,
    at: row.at,
    // Only `recordEvents` writes it, with this type.
    action: row.action as AuditAction,
    actor: row.actor_id && row.actor_username ? { id: row.actor_id, username: row.actor_username } : null,
    via: row.via as Actor['via'],
    target: row.target_id
      ? {
          type: row.target_type as AuditTarget['type'],
          id: row.target_id,
          name: row.target_name ?? row.target_id,
        }
      : null,
    address: row.address,
    before: row.before ? JSON.parse(row.before) : null,
    after: row.after ? JSON.parse(row.after) : null,
    reason: row.reason,
  }
}
