import type { Revocation, RevocationReason, revocations } from '@gatehouse/contract/certificates/revocations'
import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { type Selectable, sql } from 'kysely'
import { containing, contains, countUpTo, readPage, readSort } from '../../platform/db/keyset.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'
import { findAuthority } from '../authorities/store.ts'

type Filters = Parsed<typeof revocations.list>['search']
type Row = Selectable<Schema['revocations']>

/** A stored revocation. It is bound to a key, whichever authority has it. */
export interface StoredRevocation extends Omit<Revocation, 'authority'> {
  issuerKey: string
}

const sortKeys = { revokedAt: 'revoked_at', subject: 'subject_folded' } as const

export async function listRevocations(reader: Db, filters: Filters): Promise<Page<StoredRevocation>> {
  const { field, descending } = readSort(filters.sort ?? '-revokedAt')
  const query = filtered(reader, filters, await keyOf(reader, filters['authority[eq]']))
  const { rows, nextCursor } = await readPage(query.selectAll(), {
    by: sql.ref(sortKeys[field]),
    id: sql.ref('id'),
    descending,
    cursor: filters.cursor,
    limit: filters.limit,
  })
  return { items: rows.map(fromRow), nextCursor, total: await countUpTo(reader, query) }
}

export async function findRevocation(db: Db, id: string): Promise<StoredRevocation | null> {
  const row = await db.selectFrom('revocations').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? fromRow(row) : null
}

export async function findRevocationOf(
  db: Db,
  { issuerKey, serialNumber }: Pick<StoredRevocation, 'issuerKey' | 'serialNumber'>,
): Promise<StoredRevocation | null> {
  const row = await db
    .selectFrom('revocations')
    .selectAll()
    .where('issuer_key', '=', issuerKey)
    .where('serial_number', '=', serialNumber)
    .executeTakeFirst()
  return row ? fromRow(row) : null
}

export async function insertRevocation(trx: Trx, revocation: StoredRevocation): Promise<void> {
  await trx.insertInto('revocations').values(toRow(revocation)).execute()
}

export async function deleteRevocation(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('revocations').where('id', '=', id).execute()
}

/** All revocations of certificates that this key signed, in the order of their numbers. */
export async function listRevokedBy(db: Db, issuerKey: string) {
  return db
    .selectFrom('revocations')
    .select(['serial_number as serialNumber', 'revoked_at as at'])
    .where('issuer_key', '=', issuerKey)
    .orderBy('serial_number')
    .execute()
}

/** Revocations of certificates that name a user, that are not expired and that another key signed, in slices by id. */
export async function listRevokedNames(db: Db, { except, after, now }: { except: string; after: string; now: string }) {
  return db
    .selectFrom('revocations')
    .select(['id', 'username', 'issuer_key as issuerKey', 'serial_number as serialNumber'])
    .where('issuer_key', '!=', except)
    .where('username', 'is not', null)
    .where((e) => e.or([e('not_after', 'is', null), e('not_after', '>', now)]))
    .where('id', '>', after)
    .orderBy('id')
    .limit(1_000)
    .execute()
}

/** The key of an authority. An unknown authority has no revocations, so its key is empty text, which no revocation has. */
async function keyOf(reader: Db, fingerprint: string | undefined): Promise<string | null> {
  if (fingerprint === undefined) return null
  return (await findAuthority(reader, fingerprint))?.certificate.keyFingerprint ?? ''
}

/** `ofKey` null: of any key. */
function filtered(reader: Db, filters: Filters, ofKey: string | null) {
  let query = reader.selectFrom('revocations')
  if (ofKey !== null) query = query.where('issuer_key', '=', ofKey)
  if (filters['reason[eq]'] !== undefined) query = query.where('reason', '=', filters['reason[eq]'])
  const { search, 'issuerKey[eq]': issuerKey, 'serialNumber[eq]': serialNumber } = filters
  if (issuerKey !== undefined) query = query.where('issuer_key', '=', issuerKey)
  if (serialNumber !== undefined) query = query.where('serial_number', '=', serialNumber)
  if (!search) return query
  return query.where((e) =>
    e.or([
      sql<boolean>`subject_folded like ${containing(search)} escape '\\'`,
      sql<boolean>`serial_number like ${containing(digitsOf(search))} escape '\\'`,
      sql<boolean>`fingerprint like ${containing(search)} escape '\\'`,
      contains('note', search),
      contains('issuer', search),
    ]),
  )
}

/** In the stored form of serial numbers, also if it was typed with colons and leading zeros. */
function digitsOf(search: string): string {
  return (
    search
      .replace(/^\s*0x/i, '')
      .replaceAll(/[:\s]/g, '')
      .replace(/^0+(?=.)/, '') || search
  )
}

function fromRow(row: Row): StoredRevocation {
  return {
    id: row.id,
    issuerKey: row.issuer_key,
    serialNumber: row.serial_number,
    issuer: row.issuer,
    subject: row.subject,
    username: row.username,
    fingerprint: row.fingerprint,
    notAfter: row.not_after,
    // Only `toRow` writes it, from the contract's list.
    reason: row.reason as RevocationReason,
    note: row.note,
    revokedBy: row.revoked_by,
    revokedAt: row.revoked_at,
  }
}

function toRow(revocation: StoredRevocation): Row {
  return {
    id: revocation.id,
    issuer_key: revocation.issuerKey,
    serial_number: revocation.serialNumber,
    issuer: revocation.issuer,
    subject: revocation.subject,
    subject_folded: revocation.subject?.toLowerCase() ?? '',
    username: revocation.username,
    fingerprint: revocation.fingerprint,
    not_after: revocation.notAfter,
    reason: revocation.reason,
    note: revocation.note,
    revoked_by: revocation.revokedBy,
    revoked_at: revocation.revokedAt,
  }
}
