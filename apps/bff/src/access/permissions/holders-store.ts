/** Who holds a permission: through the index that begins with it, so the users who do not are never looked at. */

import type { Permission } from '@gatehouse/contract/access/permission'
import {
  type HeldPermission,
  type Holder,
  maxCountedHolders,
  namedHolders,
} from '@gatehouse/contract/access/permissions'
import type { Page } from '@gatehouse/contract/paging'
import { type RawBuilder, sql } from 'kysely'
import { countUpTo, readCursor, writeCursor } from '../../platform/db/keyset.ts'
import type { Db } from '../../platform/db/open.ts'

type Kind = Holder['kind']
type HolderRow = Permission & Record<`${Kind}_count`, number | string> & Record<`${Kind}_${number}`, string | null>

const places = Array.from({ length: namedHolders }, (_, at) => at)

/** Adds the first few holders of each and how many there are: three queries for the whole page. */
export async function withHolders(reader: Db, page: readonly Permission[]): Promise<HeldPermission[]> {
  if (page.length === 0) return []
  const wanted = page.map(({ context, resource, operation }) => sql`(${context}, ${resource}, ${operation})`)
  const { rows } = await sql<HolderRow>`
    with wanted(context, resource, operation) as (values ${sql.join(wanted)})
    select context, resource, operation, ${sql.join([...columnsOf('role'), ...columnsOf('user')])}
    from wanted`.execute(reader)
  const found = new Map(rows.map((row) => [keyOf(row), row]))
  const names = {
    role: await namesOf(reader, 'role', [...found.values()]),
    user: await namesOf(reader, 'user', [...found.values()]),
  }
  return page.map((permission) => {
    const row = found.get(keyOf(permission))
    return {
      ...permission,
      roles: idsIn(row, 'role').map((id) => ({ id, name: names.role.get(id) ?? id })),
      roleCount: countIn(row, 'role'),
      users: idsIn(row, 'user').map((id) => ({ id, username: names.user.get(id) ?? id })),
      userCount: countIn(row, 'user'),
    }
  })
}

/** One page of those who hold exactly this: first the roles, then the users who hold it individually. */
export async function listHolders(
  reader: Db,
  permission: Permission,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<Page<Holder>> {
  const [kind, last] = cursor === undefined ? ['role', ''] : readCursor(cursor)
  const found: Holder[] = []
  if (kind === 'role') found.push(...(await readHolders(reader, permission, { kind: 'role', last, most: limit + 1 })))
  const room = limit + 1 - found.length
  const lastUser = kind === 'user' ? last : ''
  if (room > 0) found.push(...(await readHolders(reader, permission, { kind: 'user', last: lastUser, most: room })))
  const items = found.slice(0, limit)
  const end = items.at(-1)
  return {
    items,
    nextCursor: found.length > limit && end ? writeCursor({ sort_key: end.kind, sort_id: end.id }) : null,
    total: await countHolders(reader, permission),
  }
}

async function readHolders(
  reader: Db,
  { context, resource, operation }: Permission,
  { kind, last, most }: { kind: Kind; last: string; most: number },
): Promise<Holder[]> {
  const holder = sql.ref<string>(`held.${kind}_id`)
  const { rows } = await sql<{ id: string; name: string }>`
    select ${holder} as id, ${sql.ref(kind === 'role' ? 'roles.name' : 'users.username')} as name
    from ${sql.table(`${kind}_permissions`)} as held
    join ${sql.table(`${kind}s`)} on ${sql.ref(`${kind}s.id`)} = ${holder}
    where context = ${context} and resource = ${resource} and operation = ${operation} and ${holder} > ${last}
    order by ${holder} limit ${most}`.execute(reader)
  return rows.map((row) => ({ kind, ...row }))
}

async function countHolders(reader: Db, { context, resource, operation }: Permission): Promise<number | null> {
  const [throughRoles, individual] = await Promise.all(
    (['role_permissions', 'user_permissions'] as const).map((table) =>
      countUpTo(
        reader,
        reader
          .selectFrom(table)
          .where('context', '=', context)
          .where('resource', '=', resource)
          .where('operation', '=', operation),
      ),
    ),
  )
  return typeof throughRoles === 'number' && typeof individual === 'number' ? throughRoles + individual : null
}

/** How many hold it, as far as they are counted, and the ids of the first few. */
function columnsOf(kind: Kind): RawBuilder<unknown>[] {
  const id = sql.ref(`held.${kind}_id`)
  const holding = sql`from ${sql.table(`${kind}_permissions`)} as held where held.context = wanted.context
    and held.resource = wanted.resource and held.operation = wanted.operation`
  return [
    sql`(select count(*) from (select 1 ${holding} limit ${maxCountedHolders + 1}) as counted)
      as ${sql.ref(`${kind}_count`)}`,
    ...places.map(
      (at) => sql`(select ${id} ${holding} order by ${id} limit 1 offset ${at}) as ${sql.ref(`${kind}_${at}`)}`,
    ),
  ]
}

async function namesOf(reader: Db, kind: Kind, rows: readonly HolderRow[]): Promise<Map<string, string>> {
  const ids = [...new Set(rows.flatMap((row) => idsIn(row, kind)))]
  if (ids.length === 0) return new Map()
  const named =
    kind === 'role'
      ? await reader.selectFrom('roles').select(['id', 'name']).where('id', 'in', ids).execute()
      : await reader.selectFrom('users').select(['id', 'username as name']).where('id', 'in', ids).execute()
  return new Map(named.map(({ id, name }) => [id, name]))
}

function idsIn(row: HolderRow | undefined, kind: Kind): string[] {
  return places.map((at) => row?.[`${kind}_${at}`] ?? null).filter((id) => id !== null)
}

function countIn(row: HolderRow | undefined, kind: Kind): number | null {
  const count = Number(row?.[`${kind}_count`] ?? 0)
  return count > maxCountedHolders ? null : count
}

function keyOf({ context, resource, operation }: Permission): string {
  return `${context} ${operation} ${resource}`
}
