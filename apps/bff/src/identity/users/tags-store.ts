/** The tags in use. */
import { normaliseTag } from '@gatehouse/contract/identity/tags'
import type { users } from '@gatehouse/contract/identity/users'
import type { Answer } from '@gatehouse/contract/route'
import type { Db } from '../../platform/db/open.ts'
import { beginningWith } from '../../platform/db/text-search.ts'

const shownAtMost = 200

/** By name, those that begin with this text. */
export async function listTags(reader: Db, beginning: string): Promise<Answer<typeof users.tags>> {
  const query = reader
    .selectFrom('user_tags')
    .select(['tag', (e) => e.fn.countAll().as('users')])
    .groupBy('tag')
    .orderBy('tag')
    .limit(shownAtMost)
  const wanted = normaliseTag(beginning)
  const rows = await (wanted === '' ? query : query.where(beginningWith('user_tags.tag', wanted))).execute()
  return { items: rows.map(({ tag, users: count }) => ({ tag, users: Number(count) })) }
}
