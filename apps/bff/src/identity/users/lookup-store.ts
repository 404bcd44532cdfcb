/** What other features read about users: names, state and grants. There may be a million users, so lists come in slices. */
import { createYielder } from '@gatehouse/pki/read/yielder'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/open.ts'

export interface NamedUser {
  id: string
  username: string
}

const sliceSize = 500

/**
 * True if the user exists and is not disabled. A disabled identity provider does not count: the limits that its user set on a CA stay
 * (ADR 102).
 */
export async function isNotDisabledItself(db: Db, userId: string): Promise<boolean> {
  const row = await db.selectFrom('users').select('disabled_at').where('id', '=', userId).executeTakeFirst()
  return row?.disabled_at === null
}

/** The users with these ids; unknown ids are missing. */
export async function usersById(db: Db, ids: readonly string[]): Promise<NamedUser[]> {
  return db.selectFrom('users').select(['id', 'username']).where('id', 'in', ids).execute()
}

/** Those of these users who have the certificate grant. */
export async function certificateUsers(db: Db, userIds: readonly string[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('user_grants')
    .select('user_id')
    .where('method', '=', 'certificate')
    .where('user_id', 'in', userIds)
    .execute()
  return new Set(rows.map(({ user_id }) => user_id))
}

/**
 * The users whose name matches one of the globs, by name, in slices. The comparison ignores case, so it finds more users than a
 * limit names; the caller compares exactly.
 */
export async function* usersMatching(db: Db, globs: readonly string[]): AsyncGenerator<NamedUser[]> {
  const patterns = [...new Set(globs)].map(toPattern)
  if (patterns.length === 0) return
  const yieldIfDue = createYielder()
  for (let after = ''; ; ) {
    const users = await db
      .selectFrom('users')
      .select(['id', 'username', 'username_folded'])
      .where('username_folded', '>', after)
      .where((e) => e.or(patterns.map((pattern) => sql<boolean>`username_folded like ${pattern} escape '\\'`)))
      .orderBy('username_folded')
      .limit(sliceSize)
      .execute()
    if (users.length > 0) yield users
    const last = users.at(-1)
    if (!last || users.length < sliceSize) return
    after = last.username_folded
    await yieldIfDue()
  }
}

function toPattern(glob: string): string {
  return glob
    .toLowerCase()
    .replace(/[\\%_]/g, '\\$&')
    .replaceAll('*', '%')
}

/** The users who have one of these names in any spelling. A few hundred names at most. */
export async function usersNamed(db: Db, usernames: readonly string[]): Promise<NamedUser[]> {
  if (usernames.length === 0) return []
  const folded = usernames.map((username) => username.toLowerCase())
  return db.selectFrom('users').select(['id', 'username']).where('username_folded', 'in', folded).execute()
}
