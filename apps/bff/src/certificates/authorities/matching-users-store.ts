/**
 * Finds users by the globs of a limit. There may be a hundred thousand, so they are read in slices, and other requests
 * run in between.
 */
import { createYielder } from '@gatehouse/pki/read/slices'
import { sql } from 'kysely'
import type { Db } from '../../platform/db/open.ts'

export interface MatchingUser {
  id: string
  username: string
}

const atOnce = 500

/** Users whose name matches one of the globs, ignoring case. It may return too many, never too few. */
export async function* usersMatching(db: Db, globs: readonly string[]): AsyncGenerator<MatchingUser[]> {
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
      .limit(atOnce)
      .execute()
    if (users.length > 0) yield users
    const last = users.at(-1)
    if (!last || users.length < atOnce) return
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
