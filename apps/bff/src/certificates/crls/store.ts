import type { Selectable } from 'kysely'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'

/** A stored CRL without its bytes. It is bound to a key, whichever authority has it. */
export type StoredList = Omit<Selectable<Schema['revocation_lists']>, 'der' | 'signer'>

const columns = [
  'fingerprint',
  'issuer_key',
  'scope',
  'issuer',
  'number',
  'this_update',
  'next_update',
  'entry_count',
  'signature_algorithm',
  'uploaded_by',
  'uploaded_at',
] as const

/** As many as there are authorities that publish one. */
export async function listLists(db: Db): Promise<StoredList[]> {
  const lists = await db.selectFrom('revocation_lists').select(columns).orderBy('issuer').execute()
  // CRLs without a next update sort last; the databases sort nulls differently.
  const endOf = ({ next_update }: StoredList) => next_update ?? '~'
  return lists.toSorted((a, b) => (endOf(a) < endOf(b) ? -1 : Number(endOf(a) > endOf(b))))
}

export async function findListsOfKey(db: Db, issuerKey: string): Promise<StoredList[]> {
  return db
    .selectFrom('revocation_lists')
    .select(columns)
    .where('issuer_key', '=', issuerKey)
    .orderBy('scope')
    .execute()
}

export async function findList(db: Db, fingerprint: string): Promise<StoredList | null> {
  const found = db.selectFrom('revocation_lists').select(columns).where('fingerprint', '=', fingerprint)
  return (await found.executeTakeFirst()) ?? null
}

export async function readDer(db: Db, fingerprint: string): Promise<Uint8Array | null> {
  const row = await db
    .selectFrom('revocation_lists')
    .select('der')
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst()
  return row?.der ?? null
}

/** Replaces the CRL `before`, or inserts the first one. False: another transaction was faster. */
export async function replaceList(
  trx: Trx,
  list: StoredList & { der: Uint8Array; signer: Uint8Array | null },
  before: StoredList | undefined,
): Promise<boolean> {
  const row = { ...list, der: Buffer.from(list.der), signer: list.signer && Buffer.from(list.signer) }
  if (!before) {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('revocation_lists')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    return numInsertedOrUpdatedRows === 1n
  }
  const { numUpdatedRows } = await trx
    .updateTable('revocation_lists')
    .set(row)
    .where('fingerprint', '=', before.fingerprint)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}

export async function deleteList(trx: Trx, fingerprint: string): Promise<void> {
  await trx.deleteFrom('revocation_lists').where('fingerprint', '=', fingerprint).execute()
}
