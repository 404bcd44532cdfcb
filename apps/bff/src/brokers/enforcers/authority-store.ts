import type { Keyring } from '../../platform/base/keyring.ts'
import type { Db, Trx } from '../../platform/db/open.ts'

export interface StoredAuthority {
  certificatePem: string
  privateKeyPem: string
}

/** Authenticated with the box, so that it decrypts only as this key. */
const boxedAs = 'authority of enforcers'

export async function findAuthority(db: Db, keyring: Keyring): Promise<StoredAuthority | null> {
  const row = await db.selectFrom('enforcer_authorities').select(['certificate', 'key_box']).executeTakeFirst()
  return row ? { certificatePem: row.certificate, privateKeyPem: keyring.decrypt(row.key_box, boxedAs) } : null
}

/** Does nothing if another process was first. */
export async function insertAuthority(
  trx: Trx,
  keyring: Keyring,
  { authority, at }: { authority: StoredAuthority; at: string },
): Promise<void> {
  await trx
    .insertInto('enforcer_authorities')
    .values({
      id: 'current',
      certificate: authority.certificatePem,
      key_box: keyring.encrypt(authority.privateKeyPem, boxedAs),
      created_at: at,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** Its key cannot be read any more. All agents must be enrolled again, with a new authority. */
export async function deleteAuthority(trx: Trx): Promise<void> {
  await trx.deleteFrom('enforcer_authorities').execute()
}
