/** A list of records over time as a file: all matching ones, read in slices while the file is sent. */
import type { AuditAction } from '@gatehouse/contract/operations/audit'
import { type ExportFormat, exportTypes, type Streamed } from '@gatehouse/contract/route'
import { type Clock, timestamp } from '../base/clock.ts'
import type { Db } from '../db/open.ts'
import { asCsv, asJsonLines, type Columns } from '../http/list-file.ts'
import type { Actor } from '../http/request.ts'
import { recordEvent } from './store.ts'
import type { AuditTarget } from './targets.ts'

export interface ExportContext {
  db: Db
  reader: Db
  clock: Clock
}

interface TimeFilters {
  'at[lt]'?: string | undefined
  limit?: number
  cursor?: string | undefined
}

export interface ExportRequest<Filters> {
  format: ExportFormat
  filters: Filters
  actor: Actor
}

/** What differs from list to list. */
export interface ExportSource<Item, Filters> {
  /** A part of the name of the file. */
  name: string
  action: AuditAction
  target: AuditTarget
  columns: Columns<Item>
  slices(reader: Db, filters: Filters): AsyncIterable<Item[]>
}

/** Records the export in the audit before the first byte is sent. */
export async function exportRecords<Item, Filters extends TimeFilters>(
  { db, reader, clock }: ExportContext,
  { format, filters, actor }: ExportRequest<Filters>,
  { name, action, target, columns, slices }: ExportSource<Item, Filters>,
): Promise<Streamed> {
  const now = timestamp(clock)
  const { limit: _limit, cursor: _cursor, ...chosen } = filters
  const until = filters['at[lt]'] ?? now
  // An ascending export would never end if it included the records that are written meanwhile.
  const read = slices(reader, { ...filters, 'at[lt]': until < now ? until : now })
  await db
    .transaction()
    .execute((trx) => recordEvent(trx, clock, { action, actor, target, after: { format, filters: chosen } }))
  return {
    mediaType: exportTypes[format],
    fileName: `gatehouse-${name}-${now.slice(0, 10)}.${format}`,
    chunks: format === 'csv' ? asCsv(read, columns) : asJsonLines(read),
  }
}
