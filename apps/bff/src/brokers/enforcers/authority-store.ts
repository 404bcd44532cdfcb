import type { Keyring } from '../../platform/base/keyring.ts'
import type { Db, Trx } from '../../platform/db/open.ts'

export interface StoredAuthority {
  certificatePem: string
  privateKeyPem: string
}

/** `next`: it replaces the current one when the enforcers have certificates of it. */
export type AuthorityId = 'current' | 'next'

export interface AuthorityRecord {
  id: AuthorityId
  /** PEM. */
  certificate: string
  createdAt: string
}

/** Authenticated with the box, so that it decrypts only as this key. */
const boxedAs = 'authority of enforcers'

export async function findAuthority(db: Db, keyring: Keyring, id: AuthorityId): Promise<StoredAuthority | null> {
  const row = await db
    .selectFrom('enforcer_authorities')
    .select(['certificate', 'key_box'])
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? { certificatePem: row.certificate, privateKeyPem: keyring.decrypt(row.key_box, boxedAs) } : null
}

/** The current one first. */
export function listAuthorities(db: Db): Promise<AuthorityRecord[]> {
  return db
    .selectFrom('enforcer_authorities')
    .select(['id', 'certificate', 'created_at as createdAt'])
    .orderBy('id')
    .execute()
}

/** Does nothing if another process was first. */
export async function insertAuthority(
  trx: Trx,
  keyring: Keyring,
  { id, authority, at }: { id: AuthorityId; authority: StoredAuthority; at: string },
): Promise<void> {
  await trx
    .insertInto('enforcer_authorities')
    .values({
      id,
      certificate: authority.certificatePem,
      key_box: keyring.encrypt(authority.privateKeyPem, boxedAs),
      created_at: at,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** The next one becomes the current one. The former one and its key are forgotten. */
export async function promoteAuthority(trx: Trx): Promise<void> {
  await trx.deleteFrom('enforcer_authorities').where('id', '=', 'current').execute()
  await trx.updateTable('enforcer_authorities').set({ id: 'current' }).where('id', '=', 'next').execute()
}

/** Its key cannot be read any more. All agents must be enrolled again, with a new authority. */
export async function deleteAuthority(trx: Trx): Promise<void> {
  await trx.deleteFrom('enforcer_authorities').execute()
}
