/** Limits of what a caller may change. Ask them inside the writing transaction: they are about what the database holds then. */
import { holds, type Permission } from '@gatehouse/contract/access/permission'
import { requireCover } from '../../access/roles/limits.ts'
import { findRoles } from '../../access/roles/store.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { hasAdministrator } from './administrators-store.ts'
import { findCredentialsById } from './credentials-store.ts'
import { permissionsOf } from './rights-store.ts'

interface Holding {
  permissions: readonly Permission[]
}

/**
 * Throws `not_permitted` if the caller has lost a right since the request was authorised. Between the two, the server hashed a
 * password or waited for another transaction, and an administrator may have changed the caller's rights.
 */
export async function requireStillHeld(trx: Trx, { userId, permissions }: Holding & { userId: string }): Promise<void> {
  const user = await findCredentialsById(trx, userId)
  if (!user || user.disabled_at !== null) throw new Problem('not_permitted')
  const names = new Set(user.permissions.map(nameOf))
  // Comparing names first is enough for a session. A narrowed token holds parts of permissions, which have other names.
  const isWhole = permissions.every(
    (permission) => names.has(nameOf(permission)) || holds(user.permissions, permission),
  )
  if (!isWhole) throw new Problem('not_permitted')
}

/** Throws `above_caller` if the user has a permission that the caller does not cover. */
export async function requireCoverOfUser(db: Db, caller: Holding, userId: string): Promise<void> {
  requireCover(caller.permissions, await permissionsOf(db, userId))
}

/** Throws `last_admin` if no administrator is left. Call it after the change. */
export async function requireAdministrator(trx: Trx): Promise<void> {
  if (!(await hasAdministrator(trx))) throw new Problem('last_admin')
}

/** What a new or changed user is given. */
export interface Given {
  roles: readonly string[]
  permissions: readonly Permission[]
}

/** Why a caller may not give something. */
export interface NotGivable {
  code: 'unknown_role' | 'more_than_held'
  /** Path of the field, such as `roles.0`. */
  field: string
  /** The permission that the caller does not hold; null for an unknown role. */
  permission: Permission | null
}

/** Null if the caller may give all of it. */
export type FindNotGivable = (given: Given) => NotGivable | null

/**
 * The rule for what a caller may give to users: roles that exist, and only permissions that the caller holds, through these
 * roles and individually.
 *
 * @param all Everything that the answer will be asked about. Each role is read and compared once, however many users get it.
 */
export async function prepareGivable(trx: Trx, caller: Holding, all: readonly Given[]): Promise<FindNotGivable> {
  const missing = (permissions: readonly Permission[]) => permissions.find((each) => !holds(caller.permissions, each))
  const roles = await findRoles(trx, [...new Set(all.flatMap((given) => given.roles))])
  const missingByRole = new Map(roles.map(({ id, permissions }) => [id, missing(permissions) ?? null]))
  return (given) => {
    const unknown = given.roles.findIndex((id) => !missingByRole.has(id))
    if (unknown >= 0) return { code: 'unknown_role', field: `roles.${unknown}`, permission: null }
    const role = given.roles.findIndex((id) => missingByRole.get(id) !== null)
    if (role >= 0) return tooMuch(`roles.${role}`, missingByRole.get(given.roles[role] ?? '') ?? null)
    const own = given.permissions.findIndex((each) => !holds(caller.permissions, each))
    return own < 0 ? null : tooMuch(`permissions.${own}`, given.permissions[own] ?? null)
  }
}

function tooMuch(field: string, permission: Permission | null): NotGivable {
  return { code: 'more_than_held', field, permission }
}

/** Throws `unknown_role` with the field, or `more_than_held` with the permission. */
export async function requireGivable(trx: Trx, caller: Holding, given: Given): Promise<void> {
  const notGivable = (await prepareGivable(trx, caller, [given]))(given)
  if (!notGivable) return
  const { code, field, permission } = notGivable
  throw new Problem(code, code === 'unknown_role' ? { fields: { [field]: code } } : { facts: { permission } })
}

function nameOf({ context, operation, resource }: Permission): string {
  return `${context} ${operation} ${resource}`
}
