/** Names that no rule admits, because their users were deleted or somebody denied them. */
import type { DeniedDevice, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { type Selectable, sql } from 'kysely'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { begins, countUpTo, readPage, readSort } from '../../platform/db/keyset.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { DeniedDevicesTable } from '../../platform/db/schema-admission.ts'

type Filters = Parsed<typeof deniedDevices.list>['search']

interface Denial {
  username: string
  cause: DeniedDevice['cause']
  /** The username of the person who did it. */
  by: string | null
}

export async function isDenied(db: Db, username: string): Promise<boolean> {
  return (await deniedAmong(db, [username])).size > 0
}

/** Those of these names that are denied, in lower case. A few hundred at most. */
export async function deniedAmong(db: Db, usernames: readonly string[]): Promise<Set<string>> {
  if (usernames.length === 0) return new Set()
  const folded = usernames.map((username) => username.toLowerCase())
  const rows = await db
    .selectFrom('denied_devices')
    .select('username_folded')
    .where('username_folded', 'in', folded)
    .execute()
  return new Set(rows.map(({ username_folded }) => username_folded))
}

/** Remembers the name. A name that is denied already keeps the newest cause. */
export async function insertDenial(trx: Trx, clock: Clock, { username, cause, by }: Denial): Promise<void> {
  const row = { username, cause, by, at: timestamp(clock) }
  await trx
    .insertInto('denied_devices')
    .values({ ...row, username_folded: username.toLowerCase() })
    .onConflict((conflict) => conflict.column('username_folded').doUpdateSet(row))
    .execute()
}

/** Returns the name that was denied, or null. */
export async function deleteDenial(trx: Trx, username: string): Promise<DeniedDevice | null> {
  const row = await trx
    .deleteFrom('denied_devices')
    .where('username_folded', '=', username.toLowerCase())
    .returningAll()
    .executeTakeFirst()
  return row ? toDenied(row) : null
}

export async function findDenial(db: Db, username: string): Promise<DeniedDevice | null> {
  const row = await db
    .selectFrom('denied_devices')
    .selectAll()
    .where('username_folded', '=', username.toLowerCase())
    .executeTakeFirst()
  return row ? toDenied(row) : null
}

/** How many names were denied by hand. */
export async function countDenied(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('denied_devices')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('cause', '=', 'denied')
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function listDenied(reader: Db, filters: Filters): Promise<Page<DeniedDevice>> {
  const { field, descending } = readSort(filters.sort ?? '-at')
  let query = reader.selectFrom('denied_devices')
  if (filters['cause[eq]'] !== undefined) query = query.where('cause', '=', filters['cause[eq]'])
  if (filters.search) query = query.where(begins('username_folded', filters.search.toLowerCase()))
  const { rows, nextCursor } = await readPage(query.selectAll(), {
    by: sql.ref(field === 'username' ? 'username_folded' : 'at'),
    id: sql.ref('username_folded'),
    descending,
    cursor: filters.cursor,
    limit: filters.limit,
  })
  return { items: rows.map(toDenied), nextCursor, total: await countUpTo(reader, query) }
}

function toDenied({ username, cause, at, by }: Selectable<DeniedDevicesTable>): DeniedDevice {
  return { username, cause, at, by }
}
