/** Reads the trusted CAs in slices: ten thousand at once would delay all messages by 100 ms. */
import { createHash } from 'node:crypto'
import { createYielder } from '@gatehouse/pki/read/yielder'
import type { AnchorHead, AnchorStore, Limiter, StoredAnchor } from './anchor-store.ts'

export interface AnchorHeads {
  heads: AnchorHead[]
  /** The permissions of the people who limited some of them. */
  limiters: Limiter[]
  /** Equal as long as nothing about them changed. */
  version: string
}

/** Everything except the certificates. A change between two slices gives another version, so the CAs are read again. */
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

/** Adds the certificates. Certificates of `before` are not read again: the fingerprint is that of their bytes. */
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
  // A CA without a certificate was deleted since.
  return heads.flatMap((head) => {
    const der = known.get(head.fingerprint)
    return der ? [{ ...head, der }] : []
  })
}

const readAtOnce = 200
