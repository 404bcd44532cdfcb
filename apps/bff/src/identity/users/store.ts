import type { Permission } from '@gatehouse/contract/access/permission'
import type { User, users } from '@gatehouse/contract/identity/users'
import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { type Selectable, sql } from 'kysely'
import { later, maxSkewMs } from '../../platform/base/clock.ts'
import { compileOnce, type Take } from '../../platform/db/compile-once.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { deleteSourcesOf } from '../passwords/known-sources-store.ts'
import { isFactorDemanded } from '../second-factors/demand.ts'
import type { Credentials } from './credentials-store.ts'
import type { UserFilters } from './filter-store.ts'
import { addToTotal, insertRelations, toColumns } from './insert-store.ts'
import { UserIndex } from './user-index-store.ts'

type UserRow = Selectable<Schema['users']>
type Grant = User['grantTypes'][number]

export async function listUsers(reader: Db, search: Parsed<typeof users.list>['search']): Promise<Page<User>> {
  const { ids, nextCursor, total } = await new UserIndex(reader).find(search)
  return { items: await readUsers(reader, ids), nextCursor, total }
}

const sliceSize = 200

/** All matching users, by name. */
export async function* usersInSlices(reader: Db, filters: UserFilters): AsyncGenerator<User[]> {
  const index = new UserIndex(reader)
  let cursor: string | undefined
  do {
    const { ids, nextCursor } = await index.findPage({ ...filters, sort: 'username', limit: sliceSize, cursor })
    yield await readUsers(reader, ids)
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined)
}

/** The users with these ids, in this order; unknown ids are left out. */
export async function readUsers(reader: Db, ids: readonly string[]): Promise<User[]> {
  if (ids.length === 0) return []
  const rows = await reader.selectFrom('users').selectAll().where('id', 'in', ids).execute()
  const byId = new Map((await complete(reader, rows)).map((user) => [user.id, user]))
  return ids.map((id) => byId.get(id)).filter((user) => user !== undefined)
}

export async function findUser(db: Db, id: string): Promise<User | null> {
  const rows = await db.selectFrom('users').selectAll().where('id', '=', id).execute()
  return (await complete(db, rows))[0] ?? null
}

/** What checking a password needs. The username is compared exactly. */
export async function findPassword(
  db: Db,
  username: string,
): Promise<Pick<UserRow, 'id' | 'username' | 'password_hash' | 'identity_provider'> | null> {
  // No username has this character, and PostgreSQL rejects it in a text.
  if (username.includes('\0')) return null
  return (await selectPassword(db, username))[0] ?? null
}

const selectPassword = compileOnce(
  (_, take: Take<string>) => sql<Pick<UserRow, 'id' | 'username' | 'password_hash' | 'identity_provider'>>`
    select id, username, password_hash, identity_provider from users
    where username_folded = ${take((username) => username.toLowerCase())} and username = ${take((username) => username)}`,
)

export async function updateUser(trx: Trx, user: User, at: string): Promise<void> {
  await trx.updateTable('users').set(toColumns(user)).where('id', '=', user.id).execute()
  await setFactorRequired(trx, user, at)
  await trx.deleteFrom('user_grants').where('user_id', '=', user.id).execute()
  // The provider gives and takes the mapped ones: `mapped-roles-store.ts`.
  await trx.deleteFrom('user_roles').where('user_id', '=', user.id).where('mapped', '=', 0).execute()
  await trx.deleteFrom('user_permissions').where('user_id', '=', user.id).execute()
  await trx.deleteFrom('user_tags').where('user_id', '=', user.id).execute()
  await insertRelations(trx, [user])
}

/** Keeps the time since when a second factor is required. */
async function setFactorRequired(trx: Trx, { id, mfa }: User, at: string): Promise<void> {
  await trx
    .updateTable('users')
    .set({ mfa_required_at: mfa.required ? at : null })
    .where('id', '=', id)
    .where('mfa_required_at', mfa.required ? 'is' : 'is not', null)
    .execute()
}

/** Returns the notice that an administrator turned the second factor off, and clears it. `user` must be read in this transaction. */
export async function takeResetNotice(trx: Trx, user: Credentials): Promise<'mfa-reset' | null> {
  if (user.mfa_reset_at === null) return null
  await trx.updateTable('users').set({ mfa_reset_at: null }).where('id', '=', user.id).execute()
  return 'mfa-reset'
}

export async function deleteUser(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('users').where('id', '=', id).execute()
  await addToTotal(trx, -1)
}

/** Forgets the known sources of the old password, because a thief may have used it there. */
export async function updatePassword(
  trx: Trx,
  { id, hash, changeRequiredAt }: { id: string; hash: string; changeRequiredAt: string | null },
): Promise<void> {
  await trx
    .updateTable('users')
    .set((e) => ({
      password_hash: hash,
      imported_iterations: null,
      password_change_required_at: changeRequiredAt,
      version: e('version', '+', 1),
    }))
    .where('id', '=', id)
    .execute()
  await deleteSourcesOf(trx, id)
}

/** Replaces the hash of the same password, without a new version or event. Does nothing if the password was changed meanwhile. */
export async function replaceHash(
  trx: Trx,
  { userId, from, to }: { userId: string; from: string; to: string },
): Promise<void> {
  await trx
    .updateTable('users')
    .set({ password_hash: to, imported_iterations: null })
    .where('id', '=', userId)
    .where('password_hash', '=', from)
    .execute()
}

/** The hash of another broker was not replaced by one of ours yet. */
export async function hasImportedPassword(reader: Db, id: string): Promise<boolean> {
  const row = await reader.selectFrom('users').select('imported_iterations').where('id', '=', id).executeTakeFirst()
  return typeof row?.imported_iterations === 'number'
}

/** The iterations of the most expensive imported hash; 0 without one. An index answers it. */
export async function mostImportedIterations(reader: Db): Promise<number> {
  const { rows } = await sql<{ most: number | null }>`
    select max(imported_iterations) as most from users where imported_iterations is not null`.execute(reader)
  return rows[0]?.most ?? 0
}

/** Stores when each user last signed in. Times move forward only, except from a time when a clock was ahead. */
export async function updateLastSignIns(trx: Trx, seen: readonly { userId: string; at: string }[]): Promise<void> {
  for (const each of seen) await moveLastSignIn(trx, each)
}

const moveLastSignIn = compileOnce((_, take: Take<{ userId: string; at: string }>) => {
  const at = take((seen) => seen.at)
  return sql`update users set last_sign_in_at = ${at} where id = ${take(({ userId }) => userId)} and (
    last_sign_in_at is null or last_sign_in_at < ${at}
    or last_sign_in_at > ${take((seen) => later(new Date(seen.at), maxSkewMs))}
  )`
})

/** Those of these usernames that exist, in lower case like the constraint. */
export async function takenAmong(db: Db, usernames: readonly string[]): Promise<Set<string>> {
  const folded = usernames.map((username) => username.toLowerCase())
  const rows = await db.selectFrom('users').select('username_folded').where('username_folded', 'in', folded).execute()
  return new Set(rows.map(({ username_folded }) => username_folded))
}

export async function hasUsers(db: Db): Promise<boolean> {
  return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined
}

/** Adds grants, roles, permissions and tags, with four queries for the whole page. */
async function complete(db: Db, rows: UserRow[]): Promise<User[]> {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const grants = await db.selectFrom('user_grants').selectAll().where('user_id', 'in', ids).orderBy('method').execute()
  const permissions = await db
    .selectFrom('user_permissions')
    .selectAll()
    .where('user_id', 'in', ids)
    .orderBy('context')
    .orderBy('resource')
    .orderBy('operation')
    .execute()
  const roles = await db
    .selectFrom('user_roles')
    .innerJoin('roles', 'roles.id', 'user_roles.role_id')
    .select(['user_id', 'roles.id', 'roles.name', 'user_roles.mapped'])
    .where('user_id', 'in', ids)
    .orderBy('roles.name_folded')
    .execute()
  const tags = await db.selectFrom('user_tags').selectAll().where('user_id', 'in', ids).execute()
  const [grantsOf, permissionsOf, rolesOf, tagsOf] = [byUser(grants), byUser(permissions), byUser(roles), byUser(tags)]
  const policies = await readPolicies(db)
  return rows.map((row) => {
    const grantTypes = (grantsOf.get(row.id) ?? []).map(toGrant)
    const held = rolesOf.get(row.id) ?? []
    return {
      ...fromColumns(row),
      grantTypes,
      permissions: (permissionsOf.get(row.id) ?? []).map(toPermission),
      roles: held.map(({ id }) => id),
      roleNames: held.map(({ name }) => name),
      mappedRoles: held.filter(({ mapped }) => mapped === 1).map(({ id }) => id),
      // Sorted here, because databases sort by their own collations.
      tags: (tagsOf.get(row.id) ?? []).map(({ tag }) => tag).toSorted(),
      mfa: {
        enabled: row.mfa_enrolled_at !== null,
        required: row.mfa_required_at !== null,
        demanded: isFactorDemanded(policies.mfa, {
          isRequired: row.mfa_required_at !== null,
          grants: grantTypes,
          roleIds: held.map(({ id }) => id),
        }),
      },
    }
  })
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

type RoleFields = 'roles' | 'roleNames' | 'mappedRoles'

function fromColumns(row: UserRow): Omit<User, 'grantTypes' | 'permissions' | RoleFields | 'tags' | 'mfa'> {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    kind: row.kind,
    identityProvider: row.identity_provider,
    mqttPublishPrefix: row.mqtt_publish_prefix,
    hasPassword: row.password_hash !== null,
    mustChangePassword: row.password_change_required_at !== null,
    disabledAt: row.disabled_at,
    lastSignInAt: row.last_sign_in_at,
    createdAt: row.created_at,
    version: row.version,
  }
}
