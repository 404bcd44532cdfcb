import type { Db, Trx } from '../../platform/db/open.ts'

/** What a replacement leaves behind for as long as the authority before is in the trust store. */
export interface Overlap {
  /** Fingerprint of the authority before. */
  previous: string
  /** Its certificate for the new one, PEM; null where it could make none. */
  cross: string | null
}

const key = 'built-in-overlap'

/** Null where there was no replacement, or the authority before is gone. */
export async function findOverlap(db: Db): Promise<Overlap | null> {
  const row = await db.selectFrom('installation').select('value').where('key', '=', key).executeTakeFirst()
  if (!row) return null
  // Written by `keepOverlap` only.
  const overlap = JSON.parse(row.value) as Overlap
  const there = await db
    .selectFrom('authorities')
    .select('fingerprint')
    .where('fingerprint', '=', overlap.previous)
    .executeTakeFirst()
  return there ? overlap : null
}

export async function keepOverlap(trx: Trx, overlap: Overlap): Promise<void> {
  const value = JSON.stringify(overlap)
  await trx
    .insertInto('installation')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}
