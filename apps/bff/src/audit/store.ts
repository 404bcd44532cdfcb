import type { AuditAction, audit, auditTargets } from '@gatehouse/contract/audit'
import type { Page } from '@gatehouse/contract/paging'
import type { AnswerInput, Parsed } from '@gatehouse/contract/route'
import { type Selectable, sql } from 'kysely'
import { type Clock, timestamp } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { beginning, countUpTo, readPage } from '../db/keyset.ts'
import type { Db, Trx } from '../db/open.ts'
import type { Schema } from '../db/schema.ts'
import type { Actor } from '../http/request.ts'

type AuditEvent = AnswerInput<typeof audit.list>['items'][number]
type Filters = Parsed<typeof audit.list>['search']

export interface AuditEntry {
  action: AuditAction
  actor: Actor
  target?: { type: (typeof auditTargets)[number]; id: string; name: string }
  before?: object
  after?: object
  reason?: string
}

/** Writes an event into the transaction of the change that it is about. Never a secret, a hash or a key. */
export async function recordEvent(trx: Trx, clock: Clock, entry: AuditEntry): Promise<void> {
  const { action, actor, target, before, after, reason } = entry
  await trx
    .insertInto('audit_events')
    .values({
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
    })
    .execute()
}

export async function listEvents(reader: Db, filters: Filters): Promise<Page<AuditEvent>> {
  const query = filtered(reader, filters)
  const { rows, nextCursor } = await readPage(query.selectAll(), {
    by: sql.ref('at'),
    id: sql.ref('id'),
    descending: filters.sort !== 'at',
    cursor: filters.cursor,
    limit: filters.limit,
  })
  return { items: rows.map(toEvent), nextCursor, total: await countUpTo(reader, query) }
}

function filtered(reader: Db, filters: Filters) {
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
        sql<boolean>`actor_username like ${beginning(search)} escape '\\'`,
        sql<boolean>`target_name like ${beginning(search)} escape '\\'`,
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
    // Written by `recordEvent` only, whose types are these.
    action: row.action as AuditAction,
    actor: row.actor_id && row.actor_username ? { id: row.actor_id, username: row.actor_username } : null,
    via: row.via as Actor['via'],
    target: row.target_id
      ? {
          type: row.target_type as (typeof auditTargets)[number],
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
