import type { Upstream } from '@gatehouse/contract/brokers/upstreams'
import type { Keyring } from '../../platform/base/keyring.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { toRow, toUpstream } from './rows.ts'

/** By name. */
export async function listUpstreams(db: Db): Promise<Upstream[]> {
  const rows = await db.selectFrom('upstreams').selectAll().orderBy('name').execute()
  return rows.map(toUpstream)
}

export async function findUpstream(db: Db, id: string): Promise<Upstream | null> {
  const row = await db.selectFrom('upstreams').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toUpstream(row) : null
}

export async function insertUpstream(trx: Trx, upstream: Upstream, secretBox: string | null): Promise<void> {
  await trx
    .insertInto('upstreams')
    .values({ ...toRow(upstream), secret_box: secretBox })
    .execute()
}

/** `secretBox` undefined: the stored secret stays. */
export async function updateUpstream(
  trx: Trx,
  upstream: Upstream,
  secretBox: string | null | undefined,
): Promise<void> {
  const box = secretBox === undefined ? {} : { secret_box: secretBox }
  await trx
    .updateTable('upstreams')
    .set({ ...toRow(upstream), ...box })
    .where('id', '=', upstream.id)
    .execute()
}

export async function deleteUpstream(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('upstreams').where('id', '=', id).execute()
}

/** Encrypted for the row of this upstream. */
export function boxSecret(keyring: Keyring, id: string, secret: string): string {
  return keyring.encrypt(secret, boxedAs(id))
}

/** The password or the token. Null: there is none. */
export async function readSecret(db: Db, keyring: Keyring, id: string): Promise<string | null> {
  const row = await db.selectFrom('upstreams').select('secret_box').where('id', '=', id).executeTakeFirst()
  return row?.secret_box ? keyring.decrypt(row.secret_box, boxedAs(id)) : null
}

/** The passwords and tokens cannot be read any more. */
export async function forgetSecrets(trx: Trx): Promise<void> {
  await trx.updateTable('upstreams').set({ secret_box: null }).execute()
}

function boxedAs(id: string): string {
  return `upstream ${id}`
}
