/**
 * The list of permissions. Its filters compare which topics a topic filter matches, not its text. An index answers some filters.
 * For the others, all distinct permissions are read in slices, and other requests run between two slices.
 */

import { Context, includes, Permission } from '@gatehouse/contract/access/permission'
import type { HeldPermission, permissions } from '@gatehouse/contract/access/permissions'
import { coveringFilters, covers, overlaps } from '@gatehouse/contract/access/topic'
import { maxExactTotal, type Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { Problem } from '../../platform/base/problem.ts'
import { readCursor, readSort, writeCursor } from '../../platform/db/keyset.ts'
import type { Db } from '../../platform/db/open.ts'
import { withHolders } from './holders-store.ts'
import { readAmong, readSlice } from './store.ts'

type Filters = Parsed<typeof permissions.list>['search']

/** Resources in one slice. It takes two to five milliseconds. */
const sliceSize = 500
/** One request reads at most this many resources to fill its page, and again to count. */
const mostScanned = 20_000
/** Fewer filters than this cover a filter of up to eight levels. */
const mostCovering = 800

export async function listHeld(reader: Db, filters: Filters): Promise<Page<HeldPermission>> {
  const after = filters.cursor === undefined ? null : readPlace(filters.cursor)
  const { found, stoppedAt } = await collect(reader, filters, { after, enough: filters.limit + 1 })
  const items = found.slice(0, filters.limit)
  const place = found.length > filters.limit ? (items.at(-1) ?? null) : stoppedAt
  return {
    items: await withHolders(reader, items),
    nextCursor: place && writePlace(place),
    total: await countHeld(reader, filters),
  }
}

async function countHeld(reader: Db, filters: Filters): Promise<number | null> {
  const { found, stoppedAt } = await collect(reader, filters, { after: null, enough: maxExactTotal + 1 })
  return stoppedAt || found.length > maxExactTotal ? null : found.length
}

interface Collected {
  found: Permission[]
  /** Where the next page continues, if not everything was read. */
  stoppedAt: Permission | null
}

async function collect(
  reader: Db,
  filters: Filters,
  { after, enough }: { after: Permission | null; enough: number },
): Promise<Collected> {
  const found: Permission[] = []
  let scanned = 0
  let last = after
  for await (const slice of slices(reader, filters, after)) {
    // A slice is empty if it has only permissions that were read before.
    last = slice.at(-1) ?? last
    found.push(...slice.filter((permission) => fits(permission, filters)))
    scanned += sliceSize
    if (found.length >= enough) return { found, stoppedAt: null }
    if (scanned >= mostScanned) return { found, stoppedAt: last }
    // SQLite answers synchronously, so other requests would wait.
    await new Promise(setImmediate)
  }
  return { found, stoppedAt: null }
}

/** All permissions that may match, in the order of the list. */
async function* slices(reader: Db, filters: Filters, after: Permission | null): AsyncGenerator<Permission[]> {
  const { descending } = readSort(filters.sort ?? 'resource')
  const contexts = (descending ? Context.options.toReversed() : Context.options).filter(
    (context) => (filters['context[eq]'] ?? context) === context,
  )
  const resources = filters.covers === undefined ? null : coveringFilters(filters.covers, mostCovering)
  for (const context of after ? contexts.slice(contexts.indexOf(after.context)) : contexts) {
    const place = after?.context === context ? after : null
    const from = place?.resource ?? null
    if (resources) yield beyond(await readAmong(reader, { context, from, descending, resources }), place)
    else yield* walk(reader, { context, place, descending })
  }
}

async function* walk(
  reader: Db,
  { context, place, descending }: { context: Context; place: Permission | null; descending: boolean },
): AsyncGenerator<Permission[]> {
  let last = place
  let read: Permission[]
  do {
    read = await readSlice(reader, { context, from: last?.resource ?? null, descending, size: sliceSize })
    yield beyond(read, last)
    last = read.at(-1) ?? null
  } while (new Set(read.map(({ resource }) => resource)).size === sliceSize)
}

/** The resource of the last permission is read again, because it may have further permissions. */
function beyond(read: readonly Permission[], last: Permission | null): Permission[] {
  return read.filter(({ resource, operation }) => resource !== last?.resource || operation > last.operation)
}

function fits({ resource, operation }: Permission, filters: Filters): boolean {
  const { allows, search } = filters
  if (operation !== (filters['operation[eq]'] ?? operation)) return false
  if (allows && !includes(operation, allows)) return false
  if (filters.covers !== undefined && !covers(resource, filters.covers)) return false
  if (filters.overlaps !== undefined && !overlaps(resource, filters.overlaps)) return false
  return !search || resource.toLowerCase().includes(search.toLowerCase())
}

function writePlace({ context, operation, resource }: Permission): string {
  return writeCursor({ sort_key: `${context} ${operation}`, sort_id: resource })
}

function readPlace(cursor: string): Permission {
  const [kind, resource] = readCursor(cursor)
  const [context, operation] = kind.split(' ')
  const place = Permission.safeParse({ context, operation, resource })
  if (!place.success) throw new Problem('invalid', { fields: { cursor: 'invalid' } })
  return place.data
}
