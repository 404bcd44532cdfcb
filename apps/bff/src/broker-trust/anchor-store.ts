/** The authorities that are trusted now, as the broker reads them: their certificates apart from what may change about them. */
import type { Anchor } from '@gatehouse/pki/chain'
import type { PreparedReader, Words } from '../db/prepared-reader.ts'

export interface StoredAnchor extends Anchor {
  name: string
}

/** All but its certificate. */
export type AnchorHead = Omit<StoredAnchor, 'der'>

export interface AnchorStore {
  /** Some of them, in the order of fingerprints from after this one on; none where there are no more. */
  listAnchorHeads(after: string): Promise<AnchorHead[]>
  readAnchorDer(fingerprints: readonly string[]): Promise<Pick<StoredAnchor, 'fingerprint' | 'der'>[]>
}

interface HeadRow {
  fingerprint: string
  name: string
  usernames: string
}

const headsAtOnce = 1_000

export function prepareAnchors(reader: PreparedReader): AnchorStore {
  const heads = reader.prepare<HeadRow>(
    (words) =>
      `select fingerprint, name, ${globs(words)} as usernames from authorities a
       where withdrawn_at is null and fingerprint > ? order by fingerprint limit ${headsAtOnce}`,
  )
  const ders = reader.prepare<Pick<StoredAnchor, 'fingerprint' | 'der'>>(
    (words) => `select fingerprint, der from authorities where fingerprint in (${words.elements('?')})`,
  )
  return {
    listAnchorHeads: async (after) => (await heads(after)).map(toHead),
    readAnchorDer: (fingerprints) => ders(JSON.stringify(fingerprints)),
  }
}

function globs({ list }: Words): string {
  return `(select ${list('glob')} from authority_usernames n where n.fingerprint = a.fingerprint)`
}

function toHead({ fingerprint, name, usernames }: HeadRow): AnchorHead {
  return { fingerprint, name, usernames: (JSON.parse(usernames) as string[]).toSorted() }
}
