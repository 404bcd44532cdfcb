import { readInstallationFact, writeInstallationFact } from '../../platform/db/installation.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { findAuthority } from '../authorities/store.ts'

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
  const value = await readInstallationFact(db, key)
  if (value === null) return null
  // Only `keepOverlap` writes it.
  const overlap = JSON.parse(value) as Overlap
  return (await findAuthority(db, overlap.previous)) ? overlap : null
}

export async function keepOverlap(trx: Trx, overlap: Overlap): Promise<void> {
  await writeInstallationFact(trx, key, JSON.stringify(overlap))
}
