/** Inserts one user or many with a few statements. */
import type { User } from '@gatehouse/contract/identity/users'
import type { Insertable } from 'kysely'
import type { Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'
import { methodsOf } from './facets-store.ts'

export interface NewUser extends Omit<User, 'roleNames' | 'mappedRoles' | 'hasPassword' | 'mfa' | 'lastSignInAt'> {
  /** Those of `roles` that the identity provider gives. */
  mappedRoles?: readonly string[]
  mfaRequired: boolean
  passwordHash: string | null
  /** Iterations of the foreign hash below `passwordHash`, if it was imported. */
  importedIterations?: number | null
  lastSignInAt?: string | null
}

export async function insertUsers(trx: Trx, users: readonly NewUser[]): Promise<void> {
  for (const rows of inStatements(users.map(toRow))) await trx.insertInto('users').values(rows).execute()
  await insertRelations(trx, users)
  await addToTotal(trx, users.length)
}

export async function addToTotal(trx: Trx, change: number): Promise<void> {
  await trx
    .updateTable('totals')
    .set((e) => ({ value: e('value', '+', change) }))
    .where('name', '=', 'users')
    .execute()
}

type Related = Pick<User, 'id' | 'username' | 'grantTypes' | 'roles' | 'permissions' | 'tags'> &
  Pick<NewUser, 'mappedRoles'>

export async function insertRelations(trx: Trx, users: readonly Related[]): Promise<void> {
  const grants = users.flatMap(({ id, grantTypes }) =>
    grantTypes.map(({ method, isRequired }) => ({ user_id: id, method, is_required: toFlag(isRequired) })),
  )
  for (const rows of inStatements(grants)) await trx.insertInto('user_grants').values(rows).execute()
  const held = users.flatMap(({ id, username, roles, mappedRoles = [] }) =>
    [...new Set(roles)].map((role) => ({
      user_id: id,
      role_id: role,
      username_folded: username.toLowerCase(),
      by_hand: toFlag(!mappedRoles.includes(role)),
      mapped: toFlag(mappedRoles.includes(role)),
    })),
  )
  for (const rows of inStatements(held)) {
    await trx
      .insertInto('user_roles')
      .values(rows)
      // A changed user keeps the rows of mapped roles.
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  const own = users.flatMap(({ id, permissions }) => permissions.map((permission) => ({ user_id: id, ...permission })))
  for (const rows of inStatements(own)) {
    await trx
      .insertInto('user_permissions')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  const tagged = users.flatMap(({ id, tags }) => tags.map((tag) => ({ user_id: id, tag })))
  for (const rows of inStatements(tagged)) await trx.insertInto('user_tags').values(rows).execute()
}

// SQLite allows 32,766 parameters in a statement; the widest row has 18.
const rowsInStatement = 500

function* inStatements<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += rowsInStatement) yield rows.slice(at, at + rowsInStatement)
}

function toRow(user: NewUser): Insertable<Schema['users']> {
  return {
    ...toColumns(user),
    id: user.id,
    username: user.username,
    username_folded: user.username.toLowerCase(),
    identity_provider: user.identityProvider,
    password_hash: user.passwordHash,
    imported_iterations: user.importedIterations ?? null,
    password_change_required_at: user.mustChangePassword ? user.createdAt : null,
    mfa_enrolled_at: null,
    mfa_required_at: user.mfaRequired ? user.createdAt : null,
    mfa_reset_at: null,
    last_sign_in_at: user.lastSignInAt ?? null,
    created_at: user.createdAt,
  }
}

type Changeable = Pick<User, 'displayName' | 'kind' | 'grantTypes' | 'mqttPublishPrefix' | 'disabledAt' | 'version'>

export function toColumns(user: Changeable) {
  return {
    display_name: user.displayName,
    display_name_folded: user.displayName?.toLowerCase() ?? null,
    methods: methodsOf(user.grantTypes),
    kind: user.kind,
    mqtt_publish_prefix: user.mqttPublishPrefix,
    disabled_at: user.disabledAt,
    version: user.version,
  }
}

function toFlag(is: boolean): 0 | 1 {
  return is ? 1 : 0
}
