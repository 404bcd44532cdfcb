/** The authorities that are trusted now, read in slices: ten thousand at once would hold every client's messages up for 100 ms. */
import { createHash } from 'node:crypto'
import { createYielder } from '@gatehouse/pki/read/slices'
import type { AnchorHead, AnchorStore, Limiter, StoredAnchor } from './anchor-store.ts'

export interface AnchorHeads {
  heads: AnchorHead[]
  /** What the people who limited some of them may do. */
  limiters: Limiter[]
  /** Equal as long as they are. */
  version: string
}

/** All but the certificates. A change between two slices makes another version: it is read once more. */
export async function readHeads(store: AnchorStore): Promise<AnchorHeads> {
  const yieldIfDue = createYielder()
  const hash = createHash('sha256')
  const heads: AnchorHead[] = []
  for (let after: string | undefined = ''; after !== undefined; ) {
    const some = await store.listAnchorHeads(after)
    heads.push(...some)
    hash.update(JSON.stringify(some))
    after = some.at(-1)?.fingerprint
    await yieldIfDue()
  }
  const limiters = await store.listLimiters()
  hash.update(JSON.stringify(limiters))
  return { heads, limiters, version: hash.digest('base64') }
}

/** With the certificates; those of before are not read again, for the fingerprint is that of their bytes. */
export async function completeHeads(
  store: AnchorStore,
  heads: readonly AnchorHead[],
  before: readonly StoredAnchor[],
): Promise<StoredAnchor[]> {
  const yieldIfDue = createYielder()
  const known = new Map(before.map(({ fingerprint, der }) => [fingerprint, der]))
  const fresh = heads.map(({ fingerprint }) => fingerprint).filter((fingerprint) => !known.has(fingerprint))
  for (let at = 0; at < fresh.length; at += readAtOnce) {
    for (const { fingerprint, der } of await store.readAnchorDer(fresh.slice(at, at + readAtOnce))) {
      known.set(fingerprint, der)
    }
    await yieldIfDue()
  }
  // Whose certificate is not there has been deleted since.
  return heads.flatMap((head) => {
    const der = known.get(head.fingerprint)
    return der ? [{ ...head, der }] : []
  })
}

const readAtOnce = 200
