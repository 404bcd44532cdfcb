import type { Keyring } from '../../platform/base/keyring.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { type ListenerRecord, toRecord, toRow } from './listener.ts'

/** By name. */
export async function listRecords(db: Db): Promise<ListenerRecord[]> {
  const rows = await db.selectFrom('listeners').selectAll().orderBy('name_folded').execute()
  return rows.map(toRecord)
}

export async function findRecord(db: Db, id: string): Promise<ListenerRecord | null> {
  const row = await db.selectFrom('listeners').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toRecord(row) : null
}

export async function insertRecord(trx: Trx, record: ListenerRecord, keyBox: string | null): Promise<void> {
  await trx
    .insertInto('listeners')
    .values({ ...toRow(record), key_box: keyBox })
    .execute()
}

/** `keyBox` undefined: the stored key stays. */
export async function updateRecord(trx: Trx, record: ListenerRecord, keyBox: string | null | undefined): Promise<void> {
  const key = keyBox === undefined ? {} : { key_box: keyBox }
  await trx
    .updateTable('listeners')
    .set({ ...toRow(record), ...key })
    .where('id', '=', record.id)
    .execute()
}

/** Does a listener serve this upstream only? */
export async function servesUpstream(db: Db, upstreamId: string): Promise<boolean> {
  const row = await db.selectFrom('listeners').select('id').where('upstream_id', '=', upstreamId).executeTakeFirst()
  return row !== undefined
}

export async function deleteRecord(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('listeners').where('id', '=', id).execute()
}

/** The key of a listener's own server certificate, encrypted for the row of this listener. */
export function boxKey(keyring: Keyring, id: string, key: string): string {
  return keyring.encrypt(key, `listener ${id}`)
}

/** The own server certificate with its key. Null: the listener has none. */
export async function readServerCertificate(
  db: Db,
  keyring: Keyring,
  id: string,
): Promise<{ cert: string; key: string } | null> {
  const row = await db
    .selectFrom('listeners')
    .select(['certificate', 'key_box'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row?.certificate || !row.key_box) return null
  return { cert: row.certificate, key: keyring.decrypt(row.key_box, `listener ${id}`) }
}
