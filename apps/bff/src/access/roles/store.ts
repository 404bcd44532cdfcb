import type { Permission } from '@gatehouse/contract/access/permission'
import type { Role, roles } from '@gatehouse/contract/access/roles'
import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { type Selectable, sql } from 'kysely'
import { containing, contains, countUpTo, readPage, readSort } from '../../platform/db/keyset.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'

type Filters = Parsed<typeof roles.list>['search']
type RoleRow = Selectable<Schema['roles']>

export async function listRoles(reader: Db, filters: Filters): Promise<Page<Role>> {
  const { field, descending } = readSort(filters.sort ?? 'name')
  const query = filtered(reader, filters)
  const { rows, nextCursor } = await readPage(query.selectAll(), {
    by: sql.ref(field === 'name' ? 'name_folded' : 'created_at'),
    id: sql.ref('id'),
    descending,
    cursor: filters.cursor,
    limit: filters.limit,
  })
  return { items: await complete(reader, rows), nextCursor, total: await countUpTo(reader, query) }
}

export async function findRole(db: Db, id: string): Promise<Role | null> {
  const rows = await db.selectFrom('roles').selectAll().where('id', '=', id).execute()
  return (await complete(db, rows))[0] ?? null
}

export type RoleRights = Pick<Role, 'id' | 'name' | 'permissions'>

/** The roles with these ids and their permissions, without the number of holders. Unknown ids are missing. */
export async function findRoles(db: Db, ids: readonly string[]): Promise<RoleRights[]> {
  if (ids.length === 0) return []
  return withPermissions(db, await db.selectFrom('roles').select(['id', 'name']).where('id', 'in', ids).execute())
}

/** The roles with these names, in whatever case. Unknown names are missing. */
export async function findRolesNamed(db: Db, names: readonly string[]): Promise<RoleRights[]> {
  if (names.length === 0) return []
  const folded = names.map((name) => name.toLowerCase())
  const named = db.selectFrom('roles').select(['id', 'name']).where('name_folded', 'in', folded)
  return withPermissions(db, await named.execute())
}

async function withPermissions(db: Db, rows: readonly Pick<RoleRights, 'id' | 'name'>[]): Promise<RoleRights[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const permissions = await permissionsOfRoles(db, ids)
  return rows.map((row) => ({ ...row, permissions: permissions.get(row.id) ?? [] }))
}

export async function insertRole(trx: Trx, role: Omit<Role, 'userCount'>): Promise<void> {
  await trx
    .insertInto('roles')
    .values({ ...toColumns(role), id: role.id, built_in: role.builtIn ? 1 : 0, created_at: role.createdAt })
    .execute()
  await insertPermissions(trx, role.id, role.permissions)
}

export async function updateRole(trx: Trx, role: Omit<Role, 'userCount'>): Promise<void> {
  await trx.updateTable('roles').set(toColumns(role)).where('id', '=', role.id).execute()
  await trx.deleteFrom('role_permissions').where('role_id', '=', role.id).execute()
  await insertPermissions(trx, role.id, role.permissions)
}

/** No user may hold the role any more: see `RoleHolders.removeRoleFromAll`. */
export async function deleteRole(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('roles').where('id', '=', id).execute()
}

function filtered(reader: Db, filters: Filters) {
  let query = reader.selectFrom('roles')
  if (filters['name[eq]'] !== undefined) query = query.where('name', '=', filters['name[eq]'])
  const part = filters['name[contains]']
  if (part) query = query.where(sql<boolean>`name_folded like ${containing(part)} escape '\\'`)
  if (filters.search) {
    const pattern = containing(filters.search)
    query = query.where(
      sql<boolean>`(name_folded like ${pattern} escape '\\' or ${contains('description', filters.search)})`,
    )
  }
  return query
}

export async function permissionsOfRoles(db: Db, ids: readonly string[]): Promise<Map<string, Permission[]>> {
  const rows = await db
    .selectFrom('role_permissions')
    .selectAll()
    .where('role_id', 'in', ids)
    .orderBy('context')
    .orderBy('resource')
    .orderBy('operation')
    .execute()
  const byRole = Map.groupBy(rows, ({ role_id }) => role_id)
  return new Map([...byRole].map(([id, held]) => [id, held.map(({ role_id: _role, ...permission }) => permission)]))
}

/** Adds permissions and the number of users, with two queries for the whole page. */
async function complete(db: Db, rows: RoleRow[]): Promise<Role[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const permissions = await permissionsOfRoles(db, ids)
  const counts = await db
    .selectFrom('user_roles')
    .select(['role_id', (e) => e.fn.countAll<number>().as('users')])
    .where('role_id', 'in', ids)
    .groupBy('role_id')
    .execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    description: row.description,
    builtIn: row.built_in === 1,
    permissions: permissions.get(row.id) ?? [],
    userCount: counts.find(({ role_id }) => role_id === row.id)?.users ?? 0,
    createdAt: row.created_at,
    version: row.version,
  }))
}

function toColumns({ name, description, version }: Pick<Role, 'name' | 'description' | 'version'>) {
  return { name, name_folded: name.toLowerCase(), description, version }
}

async function insertPermissions(trx: Trx, roleId: string, permissions: readonly Permission[]): Promise<void> {
  if (permissions.length === 0) return
  const rows = permissions.map((permission) => ({ role_id: roleId, ...permission }))
  await trx
    .insertInto('role_permissions')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
