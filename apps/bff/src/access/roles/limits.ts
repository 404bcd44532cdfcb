/**
 * The rule: nobody gives away more than they hold, nobody changes what may do more than they do, and an administrator
 * remains. Asked inside the writing transaction, about what is in the database then.
 */
import { coversAll, holds, type Permission } from '@gatehouse/contract/access/permission'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import { permissionsOfHolders } from './holders-store.ts'
import { hasAdministrator, isEnabled, permissionsOf } from './store.ts'

/** Throws `more_than_held`, with the permission that is too much. */
export function requireHeld(held: readonly Permission[], given: readonly Permission[]): void {
  const tooMuch = given.find((permission) => !holds(held, permission))
  if (tooMuch) throw new Problem('more_than_held', { facts: { permission: tooMuch } })
}

/** Throws `above_caller` where the thing to be changed may do more than the caller. */
export function requireCover(held: readonly Permission[], existing: readonly Permission[]): void {
  if (!coversAll(held, existing)) throw new Problem('above_caller')
}

/** Throws `above_caller` where one of those who hold the role may do more than the caller: taking it away changes them. */
export async function requireCoverOfHolders(trx: Trx, held: readonly Permission[], roleId: string): Promise<void> {
  for await (const existing of permissionsOfHolders(trx, roleId)) requireCover(held, existing)
}

/**
 * Throws `not_permitted` where the caller has lost any right since the request came in. It was let in by what was true then;
 * while a password was hashed or another transaction was waited for, that may have been taken away.
 */
export async function requireStillHeld(
  trx: Trx,
  { userId, permissions }: { userId: string; permissions: readonly Permission[] },
): Promise<void> {
  const now = await permissionsOf(trx, userId)
  const names = new Set(now.map(nameOf))
  // By name first, which is all of it for a session; a narrowed token holds parts that have no such name.
  const isWhole = permissions.every((permission) => names.has(nameOf(permission)) || holds(now, permission))
  if (!isWhole || !(await isEnabled(trx, userId))) throw new Problem('not_permitted')
}

function nameOf({ context, operation, resource }: Permission): string {
  return `${context} ${operation} ${resource}`
}

/** Throws `last_admin` where the change would leave nobody. Call it after the change, inside its transaction. */
export async function requireAdministrator(trx: Trx): Promise<void> {
  if (!(await hasAdministrator(trx))) throw new Problem('last_admin')
}
