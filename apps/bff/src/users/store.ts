import type { Page } from '@gatehouse/contract/paging'
import type { Permission } from '@gatehouse/contract/permissions'
import type { Parsed } from '@gatehouse/contract/route'
import type { User, users } from '@gatehouse/contract/users'
import { type Selectable, sql } from 'kysely'
import { containing, contains, countUpTo, readPage, readSort } from '../db/keyset.ts'
import type { Db, Trx } from '../db/open.ts'
import type { Schema } from '../db/schema.ts'

type Filters = Parsed<typeof users.list>['search']
type UserRow = Selectable<Schema['users']>
type Grant = User['grantTypes'][number]

const sortKeys = {
  username: sql.ref<string>('users.username_folded'),
  createdAt: sql.ref<string>('users.created_at'),
  // As the index has it: who never signed in sorts first.
  lastSignInAt: sql<string>`coalesce(users.last_sign_in_at, '')`,
}

export async function listUsers(reader: Db, filters: Filters): Promise<Page<User>> {
  const { field, descending } = readSort(filters.sort ?? 'username')
  const query = filtered(reader, filters)
  const { rows, nextCursor } = await readPage(query.selectAll('users'), {
    by: sortKeys[field],
    id: sql.ref('users.id'),
    descending,
    cursor: filters.cursor,
    limit: filters.limit,
  })
  const total = isUnfiltered(filters) ? await readTotal(reader) : await countUpTo(query)
  return { items: await complete(reader, rows), nextCursor, total }
}

export async function findUser(db: Db, id: string): Promise<User | null> {
  const rows = await db.selectFrom('users').selectAll().where('id', '=', id).execute()
  return (await complete(db, rows))[0] ?? null
}

/** What signing in needs to know of a user; the username is matched exactly. */
export async function findCredentials(db: Db, username: string) {
  const row = await db.selectFrom('users').selectAll().where('username', '=', username).executeTakeFirst()
  return row ? withGrants(db, row) : null
}

export async function findCredentialsById(db: Db, id: string) {
  const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? withGrants(db, row) : null
}

export type Credentials = NonNullable<Awaited<ReturnType<typeof findCredentials>>>

export interface NewUser extends Omit<User, 'roleNames' | 'hasPassword' | 'mfa' | 'lastSignInAt'> {
  passwordHash: string | null
}

export async function insertUser(trx: Trx, user: NewUser): Promise<void> {
  await trx
    .insertInto('users')
    .values({
      ...toColumns(user),
      id: user.id,
      username: user.username,
      username_folded: user.username.toLowerCase(),
      identity_provider: user.identityProvider,
      password_hash: user.passwordHash,
      password_change_required_at: user.mustChangePassword ? user.createdAt : null,
      mfa_enrolled_at: null,
      mfa_required_at: null,
      last_sign_in_at: null,
      created_at: user.createdAt,
    })
    .execute()
  await insertRelations(trx, user)
  await addToTotal(trx, 1)
}

export async function updateUser(trx: Trx, user: User): Promise<void> {
  await trx.updateTable('users').set(toColumns(user)).where('id', '=', user.id).execute()
  await trx.deleteFrom('user_grants').where('user_id', '=', user.id).execute()
  await trx.deleteFrom('user_roles').where('user_id', '=', user.id).execute()
  await trx.deleteFrom('user_permissions').where('user_id', '=', user.id).execute()
  await insertRelations(trx, user)
}

export async function deleteUser(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('users').where('id', '=', id).execute()
  await addToTotal(trx, -1)
}

export async function updatePassword(
  trx: Trx,
  { id, hash, changeRequiredAt }: { id: string; hash: string; changeRequiredAt: string | null },
): Promise<void> {
  await trx
    .updateTable('users')
    .set((e) => ({
      password_hash: hash,
      password_change_required_at: changeRequiredAt,
      version: e('version', '+', 1),
    }))
    .where('id', '=', id)
    .execute()
}

/** When each was last let in, by browser, script or broker; only ever moves forward. */
export async function updateLastSignIns(trx: Trx, seen: readonly { userId: string; at: string }[]): Promise<void> {
  for (const { userId, at } of seen) {
    await trx
      .updateTable('users')
      .set({ last_sign_in_at: at })
      .where('id', '=', userId)
      .where((e) => e.or([e('last_sign_in_at', 'is', null), e('last_sign_in_at', '<', at)]))
      .execute()
  }
}

/** What would end with a user: the open sessions and the tokens that are still good. */
export async function countSignIns(db: Db, userId: string, now: string): Promise<{ sessions: number; tokens: number }> {
  const [sessions, tokens] = await Promise.all([
    countUpTo(db.selectFrom('sessions').where('user_id', '=', userId).where('expires_at', '>', now)),
    countUpTo(
      db
        .selectFrom('tokens')
        .where('user_id', '=', userId)
        .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', now)])),
    ),
  ])
  return { sessions: sessions ?? 0, tokens: tokens ?? 0 }
}

export async function hasUsers(db: Db): Promise<boolean> {
  return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined
}

function isUnfiltered(filters: Filters): boolean {
  return !filters.search && Object.keys(filters).every((name) => !name.includes('['))
}

async function readTotal(db: Db): Promise<number> {
  return (await db.selectFrom('totals').select('value').where('name', '=', 'users').executeTakeFirstOrThrow()).value
}

async function addToTotal(trx: Trx, change: number): Promise<void> {
  await trx
    .updateTable('totals')
    .set((e) => ({ value: e('value', '+', change) }))
    .where('name', '=', 'users')
    .execute()
}

function filtered(reader: Db, filters: Filters) {
  let query = reader.selectFrom('users')
  if (filters['username[eq]'] !== undefined) query = query.where('users.username', '=', filters['username[eq]'])
  const part = filters['username[contains]']
  if (part) query = query.where(sql<boolean>`users.username_folded like ${containing(part)} escape '\\'`)
  if (filters.search) {
    const pattern = containing(filters.search)
    query = query.where(
      sql<boolean>`(users.username_folded like ${pattern} escape '\\' or ${contains('users.display_name', filters.search)})`,
    )
  }
  if (filters['kind[eq]']) query = query.where('users.kind', '=', filters['kind[eq]'])
  const state = filters['state[eq]']
  if (state) query = query.where('users.disabled_at', state === 'disabled' ? 'is not' : 'is', null)
  const role = filters['role[eq]']
  if (role) {
    query = query.where((e) =>
      e.exists(
        e.selectFrom('user_roles').select('role_id').whereRef('user_id', '=', 'users.id').where('role_id', '=', role),
      ),
    )
  }
  const method = filters['method[eq]']
  if (method) {
    query = query.where((e) =>
      e.exists(
        e.selectFrom('user_grants').select('method').whereRef('user_id', '=', 'users.id').where('method', '=', method),
      ),
    )
  }
  return query
}

/** Adds grants, roles and permissions: three queries for the whole page. */
async function complete(db: Db, rows: UserRow[]): Promise<User[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const grants = await db.selectFrom('user_grants').selectAll().where('user_id', 'in', ids).execute()
  const permissions = await db.selectFrom('user_permissions').selectAll().where('user_id', 'in', ids).execute()
  const roles = await db
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .select(['user_id', 'roles.id', 'roles.name'])
    .where('user_id', 'in', ids)
    .orderBy('roles.name_folded')
    .execute()
  const [grantsOf, permissionsOf, rolesOf] = [byUser(grants), byUser(permissions), byUser(roles)]
  return rows.map((row) => ({
    ...fromColumns(row),
    grantTypes: (grantsOf.get(row.id) ?? []).map(toGrant),
    permissions: (permissionsOf.get(row.id) ?? []).map(toPermission),
    roles: (rolesOf.get(row.id) ?? []).map(({ id }) => id),
    roleNames: (rolesOf.get(row.id) ?? []).map(({ name }) => name),
  }))
}

async function withGrants(db: Db, row: UserRow) {
  const grants = await db.selectFrom('user_grants').selectAll().where('user_id', '=', row.id).execute()
  const roles = await db
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .select('roles.name')
    .where('user_id', '=', row.id)
    .execute()
  return { ...row, grants: grants.map(toGrant), roleNames: roles.map(({ name }) => name) }
}

function byUser<T extends { user_id: string }>(rows: readonly T[]): Map<string, T[]> {
  return Map.groupBy(rows, ({ user_id }) => user_id)
}

function toGrant({ method, is_required }: Selectable<Schema['user_grants']>): Grant {
  return { method, isRequired: is_required === 1 }
}

function toPermission({ context, resource, operation }: Selectable<Schema['user_permissions']>): Permission {
  return { context, resource, operation }
}

function fromColumns(row: UserRow): Omit<User, 'grantTypes' | 'permissions' | 'roles' | 'roleNames'> {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    kind: row.kind,
    identityProvider: row.identity_provider,
    mqttPublishPrefix: row.mqtt_publish_prefix,
    mfa: { enabled: row.mfa_enrolled_at !== null, required: row.mfa_required_at !== null },
    hasPassword: row.password_hash !== null,
    mustChangePassword: row.password_change_required_at !== null,
    disabledAt: row.disabled_at,
    lastSignInAt: row.last_sign_in_at,
    createdAt: row.created_at,
    version: row.version,
  }
}

type Changeable = Pick<User, 'displayName' | 'kind' | 'mqttPublishPrefix' | 'disabledAt' | 'version'>

function toColumns(user: Changeable) {
  return {
    display_name: user.displayName,
    kind: user.kind,
    mqtt_publish_prefix: user.mqttPublishPrefix,
    disabled_at: user.disabledAt,
    version: user.version,
  }
}

type Related = Pick<User, 'id' | 'grantTypes' | 'roles' | 'permissions'>

async function insertRelations(trx: Trx, { id, grantTypes, roles, permissions }: Related): Promise<void> {
  const grants = grantTypes.map((grant) => ({
    user_id: id,
    method: grant.method,
    is_required: grant.isRequired ? (1 as const) : (0 as const),
  }))
  if (grants.length > 0) await trx.insertInto('user_grants').values(grants).execute()
  const held = [...new Set(roles)].map((role) => ({ user_id: id, role_id: role }))
  if (held.length > 0) await trx.insertInto('user_roles').values(held).execute()
  const own = permissions.map((permission) => ({ user_id: id, ...permission }))
  if (own.length > 0) {
    await trx
      .insertInto('user_permissions')
      .values(own)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}
