import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import type { User, users } from '@gatehouse/contract/users'
import type { Db } from '../db/open.ts'
import { findUsers } from '../user-search/page-store.ts'
import { complete } from './store.ts'

export async function listUsers(reader: Db, search: Parsed<typeof users.list>['search']): Promise<Page<User>> {
  const { ids, nextCursor, total } = await findUsers(reader, search)
  return { items: await readUsers(reader, ids), nextCursor, total }
}

/** Those with these ids, in this order. */
async function readUsers(reader: Db, ids: readonly string[]): Promise<User[]> {
  if (ids.length === 0) return []
  const rows = await reader.selectFrom('users').selectAll().where('id', 'in', ids).execute()
  const byId = new Map((await complete(reader, rows)).map((user) => [user.id, user]))
  return ids.map((id) => byId.get(id)).filter((user) => user !== undefined)
}
