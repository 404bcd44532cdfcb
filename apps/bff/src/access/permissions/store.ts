/**
 * The distinct permissions that roles or users hold. Two indexes are read by leaps from one resource to the next, past all
 * holders of the same resource. So a page costs the same whether three users or a million hold each permission.
 */
import type { Context, Permission } from '@gatehouse/contract/access/permission'
import { type RawBuilder, sql } from 'kysely'
import { byBytes } from '../../platform/db/dialect.ts'
import type { Db } from '../../platform/db/open.ts'

/** What users hold individually, and what roles hold. */
const tables = { users: sql`user_permissions`, roles: sql`role_permissions` }
type Held = keyof typeof tables

interface Place {
  context: Context
  /** The resource to begin with. Null: the first one. */
  from: string | null
  descending: boolean
}

/** The permissions on the next `size` resources, in the order of the resources. */
export async function readSlice(
  reader: Db,
  { context, from, descending, size }: Place & { size: number },
): Promise<Permission[]> {
  const [edge, further] = descending ? [sql.raw('max'), sql.raw('<')] : [sql.raw('min'), sql.raw('>')]
  const nearest = (table: Held, within: RawBuilder<unknown>) =>
    sql`select ${edge}(resource) as resource from ${tables[table]} where context = ${context} and ${within}`
  const next = (within: RawBuilder<unknown>) => sql`(select ${edge}(resource) from (
    ${nearest('users', within)} union all ${nearest('roles', within)}) as nearest)`
  const start = from === null ? sql`1 = 1` : sql`resource ${further}= ${from}`
  const { rows } = await sql<Permission>`
    with recursive walk(resource, step) as (
      select ${next(start)}, 1
      union all
      select ${next(sql`resource ${further} walk.resource`)}, step + 1 from walk
      where walk.resource is not null and step < ${size}
    )
    ${heldOn(context, sql`walk`)} ${inOrder(reader, descending)}`.execute(reader)
  return rows
}

/** The permissions on those of these resources that a role or user has a permission on, in the same order. */
export async function readAmong(
  reader: Db,
  { context, from, descending, resources }: Place & { resources: readonly string[] },
): Promise<Permission[]> {
  if (resources.length === 0) return []
  const { rows } = await sql<Permission>`
    with wanted(resource) as (values ${sql.join(resources.map((resource) => sql`(${resource})`))})
    ${heldOn(context, sql`wanted`)}
    ${from === null ? sql`` : sql`and found.resource ${sql.raw(descending ? '<=' : '>=')} ${from}`}
    ${inOrder(reader, descending)}`.execute(reader)
  return rows
}

function heldOn(context: Context, resources: RawBuilder<unknown>): RawBuilder<unknown> {
  const isIn = (table: Held) => sql`exists (
    select 1 from ${tables[table]} as p
    where p.context = ${context} and p.resource = found.resource and p.operation = kinds.operation)`
  return sql`
    select ${sql.lit(context)} as context, found.resource as resource, kinds.operation as operation
    from ${resources} as found
    cross join (select 'read' as operation union all select 'readWrite' union all select 'write') as kinds
    where (${isIn('users')} or ${isIn('roles')})`
}

function inOrder(reader: Db, descending: boolean): RawBuilder<unknown> {
  return sql`order by ${byBytes(reader, 'found.resource')} ${sql.raw(descending ? 'desc' : 'asc')}, operation`
}
