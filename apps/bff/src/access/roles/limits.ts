/** The rule: callers give at most the permissions that they hold, and change only what holds no more than they do. */
import { coversAll, everything, holds, type Permission } from '@gatehouse/contract/access/permission'
import { Problem } from '../../platform/base/problem.ts'

/** Throws `more_than_held`, with the first permission that the caller does not hold. */
export function requireHeld(held: readonly Permission[], given: readonly Permission[]): void {
  const tooMuch = given.find((permission) => !holds(held, permission))
  if (tooMuch) throw new Problem('more_than_held', { facts: { permission: tooMuch } })
}

/** Throws `not_permitted`, with the first permission of an administrator that the caller does not hold. */
export function requireEverything(held: readonly Permission[]): void {
  const needed = everything.find((permission) => !holds(held, permission))
  if (needed) throw new Problem('not_permitted', { facts: { needed } })
}

/** Throws `above_caller` if the user or role to change has a permission that the caller does not cover. */
export function requireCover(held: readonly Permission[], existing: readonly Permission[]): void {
  if (!coversAll(held, existing)) throw new Problem('above_caller')
}
