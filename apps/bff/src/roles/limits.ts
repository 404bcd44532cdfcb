/**
 * The rule: nobody gives away more than they hold, nobody changes what may do more than they do, and an administrator
 * remains. Asked inside the writing transaction, about what is in the database then.
 */
import { coversAll, holds, type Permission } from '@gatehouse/contract/permissions'
import { Problem } from '../base/problem.ts'
import type { Trx } from '../db/open.ts'
import { hasAdministrator } from './store.ts'

/** Throws `more_than_held`, with the permission that is too much. */
export function requireHeld(held: readonly Permission[], given: readonly Permission[]): void {
  const tooMuch = given.find((permission) => !holds(held, permission))
  if (tooMuch) throw new Problem('more_than_held', { facts: { permission: tooMuch } })
}

/** Throws `above_caller` where the thing to be changed may do more than the caller. */
export function requireCover(held: readonly Permission[], existing: readonly Permission[]): void {
  if (!coversAll(held, existing)) throw new Problem('above_caller')
}

/** Throws `last_admin` where the change would leave nobody. Call it after the change, inside its transaction. */
export async function requireAdministrator(trx: Trx): Promise<void> {
  if (!(await hasAdministrator(trx))) throw new Problem('last_admin')
}
