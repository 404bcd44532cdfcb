/** The list of users: one page, what is searched and filtered, and how many there are. */
import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import type { User, users } from '@gatehouse/contract/users'
import { sql } from 'kysely'
import { containing, contains, countUpTo, readPage, readSort } from '../db/keyset.ts'
import type { Db } from '../db/open.ts'
import { complete } from './store.ts'

type Filters = Parsed<typeof users.list>['search']

const sortKeys = {
  username: sql.ref<string>('users.username_folded'),
  createdAt: sql.ref<string>('users.created_at'),
  // As the index has it: who never signed in sorts first.
  lastSignInAt: sql<string>`coalesce(users.last_sign_in_at, '')`,
}

export async function listUsers(reader: Db, filters: Filters): Promise<Page<User>> {
  const { field, descending } = readSort(filters.sort ?? 'username')
  const query = filtered(reader, filters)
  const { rows, nextCursor } = await readPage(query.selectAll('users'), {
    by: sortKeys[field],
    id: sql.ref('users.id'),
    descending,
    cursor: filters.cursor,
    limit: filters.limit,
  })
  const total = isUnfiltered(filters) ? await readTotal(reader) : await countUpTo(query)
  return { items: await complete(reader, rows), nextCursor, total }
}

function isUnfiltered(filters: Filters): boolean {
  return !filters.search && Object.keys(filters).every((name) => !name.includes('['))
}

async function readTotal(db: Db): Promise<number> {
  return (await db.selectFrom('totals').select('value').where('name', '=', 'users').executeTakeFirstOrThrow()).value
}

function filtered(reader: Db, filters: Filters) {
  let query = reader.selectFrom('users')
  if (filters['username[eq]'] !== undefined) query = query.where('users.username', '=', filters['username[eq]'])
  const part = filters['username[contains]']
  if (part) query = query.where(sql<boolean>`users.username_folded like ${containing(part)} escape '\\'`)
  if (filters.search) {
    const pattern = containing(filters.search)
    query = query.where(
      sql<boolean>`(users.username_folded like ${pattern} escape '\\' or ${contains('users.display_name', filters.search)})`,
    )
  }
  if (filters['kind[eq]']) query = query.where('users.kind', '=', filters['kind[eq]'])
  const state = filters['state[eq]']
  if (state) query = query.where('users.disabled_at', state === 'disabled' ? 'is not' : 'is', null)
  const role = filters['role[eq]']
  if (role) {
    query = query.where((e) =>
      e.exists(
        e.selectFrom('user_roles').select('role_id').whereRef('user_id', '=', 'users.id').where('role_id', '=', role),
      ),
    )
  }
  const method = filters['method[eq]']
  if (method) {
    query = query.where((e) =>
      e.exists(
        e.selectFrom('user_grants').select('method').whereRef('user_id', '=', 'users.id').where('method', '=', method),
      ),
    )
  }
  return query
}
