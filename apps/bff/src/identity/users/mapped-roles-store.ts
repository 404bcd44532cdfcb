/** The roles that an identity provider gives. Roles given by hand stay. */
import type { Db, Trx } from '../../platform/db/open.ts'

/** The roles of the user that the provider gives. */
export async function listMappedRoles(db: Db, userId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('user_roles')
    .select('role_id')
    .where('user_id', '=', userId)
    .where('mapped', '=', 1)
    .execute()
  return rows.map(({ role_id }) => role_id)
}

/** The same for each of these users, a few hundred at most. Users without mapped roles are missing. */
export async function mappedRolesOf(db: Db, userIds: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('user_roles')
    .select(['user_id', 'role_id'])
    .where('user_id', 'in', userIds)
    .where('mapped', '=', 1)
    .execute()
  const byUser = Map.groupBy(rows, ({ user_id }) => user_id)
  return new Map([...byUser].map(([id, held]) => [id, held.map(({ role_id }) => role_id)]))
}

/** Gives these roles to the user and takes those that were given before. The roles must exist. */
export async function replaceMappedRoles(
  trx: Trx,
  {
    user,
    gained,
    lost,
  }: { user: { id: string; username: string }; gained: readonly string[]; lost: readonly string[] },
): Promise<void> {
  if (lost.length > 0) {
    const held = trx.deleteFrom('user_roles').where('user_id', '=', user.id).where('role_id', 'in', lost)
    await held.where('by_hand', '=', 0).execute()
    await trx
      .updateTable('user_roles')
      .set({ mapped: 0 })
      .where('user_id', '=', user.id)
      .where('role_id', 'in', lost)
      .execute()
  }
  if (gained.length === 0) return
  const rows = gained.map((role) => ({
    user_id: user.id,
    role_id: role,
    username_folded: user.username.toLowerCase(),
    by_hand: 0 as const,
    mapped: 1 as const,
  }))
  await trx
    .insertInto('user_roles')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['user_id', 'role_id']).doUpdateSet({ mapped: 1 }))
    .execute()
}
