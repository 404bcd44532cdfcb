import type { Db, Trx } from '../../platform/db/open.ts'

/** What a replacement keeps while the previous authority is in the trust store. */
export interface Overlap {
  /** Fingerprint of the previous authority. */
  previous: string
  /** The new authority's certificate signed by the previous one, PEM. Null if it could not sign one. */
  cross: string | null
}

const key = 'built-in-overlap'

/** Null if there was no replacement, or the previous authority was deleted. */
export async function findOverlap(db: Db): Promise<Overlap | null> {
  const row = await db.selectFrom('installation').select('value').where('key', '=', key).executeTakeFirst()
  if (!row) return null
  // Only `keepOverlap` writes it.
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
