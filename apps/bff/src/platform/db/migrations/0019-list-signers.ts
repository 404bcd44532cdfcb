import { type Kysely, sql } from 'kysely'

/**
 * The certificate of the key that signed a CRL. With it, a CRL also applies to other keys of the same authority. CRLs
 * of an authority that may vouch only for some users have none: they must not lock out others.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('revocation_lists').addColumn('signer', 'blob').execute()
  await sql`
    update revocation_lists set signer = (
      select a.der from authorities a
      where a.key_fingerprint = revocation_lists.issuer_key and a.subject = revocation_lists.issuer
        and not exists (select 1 from authority_usernames n where n.fingerprint = a.fingerprint)
      order by a.fingerprint limit 1
    )`.execute(db)
}
