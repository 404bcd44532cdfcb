import type { ClientCertificate, clientCertificates } from '@gatehouse/contract/client-certificates'
import { boundsOf, type ExpiryWindow } from '@gatehouse/contract/expiry'
import type { Page } from '@gatehouse/contract/paging'
import type { RevocationReason } from '@gatehouse/contract/revocations'
import type { Parsed } from '@gatehouse/contract/route'
import { type Insertable, type Selectable, sql } from 'kysely'
import { containing, contains, countUpTo, readPage, readSort } from '../db/keyset.ts'
import type { Db, Trx } from '../db/open.ts'
import type { Schema } from '../db/schema.ts'

type Filters = Parsed<typeof clientCertificates.list>['search']
type Row = Selectable<Schema['client_certificates']> & {
  revocation_id: string | null
  revoked_at: string | null
  reason: string | null
}

/** A certificate as it is kept. */
export interface StoredClientCertificate extends Omit<ClientCertificate, 'revoked' | 'renewedBy'> {
  /** SHA-256 of the key that signed it, and of its own. */
  issuerKey: string
  ownKey: string
  pem: string
}

const sortKeys = {
  notAfter: 'c.not_after',
  issuedAt: 'c.issued_at',
  subject: 'c.subject_folded',
} as const

export async function listClientCertificates(
  reader: Db,
  filters: Filters,
  now: Date,
): Promise<Page<ClientCertificate>> {
  const { field, descending } = readSort(filters.sort ?? 'notAfter')
  const query = filtered(reader, filters, now)
  const { rows, nextCursor } = await readPage(selected(query), {
    by: sql.ref(sortKeys[field]),
    id: sql.ref('c.fingerprint'),
    descending,
    cursor: filters.cursor,
    limit: filters.limit,
  })
  return { items: rows.map(fromRow), nextCursor, total: await countUpTo(reader, query) }
}

export async function findClientCertificate(
  db: Db,
  fingerprint: string,
): Promise<(ClientCertificate & { pem: string }) | null> {
  const row = await selected(withRevocations(db).where('c.fingerprint', '=', fingerprint)).executeTakeFirst()
  return row ? { ...fromRow(row), pem: row.pem } : null
}

export async function insertClientCertificate(trx: Trx, added: StoredClientCertificate): Promise<void> {
  await trx.insertInto('client_certificates').values(toRow(added)).execute()
}

/** Was a certificate for this key revoked because somebody else may hold the key? */
export async function isCompromised(trx: Trx, ownKey: string): Promise<boolean> {
  const found = await withRevocations(trx)
    .select('c.fingerprint')
    .where('c.own_key', '=', ownKey)
    .where('r.reason', '=', 'keyCompromise')
    .executeTakeFirst()
  return found !== undefined
}

/** True where it is this user's. */
export async function markRenewed(
  trx: Trx,
  { fingerprint, userId, by }: { fingerprint: string; userId: string; by: string },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('client_certificates')
    .set({ renewed_by: by })
    .where('fingerprint', '=', fingerprint)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

function withRevocations(db: Db) {
  return db
    .selectFrom('client_certificates as c')
    .leftJoin('revocations as r', (join) =>
      join.onRef('r.issuer_key', '=', 'c.issuer_key').onRef('r.serial_number', '=', 'c.serial_number'),
    )
}

type Query = ReturnType<typeof withRevocations>

function selected(query: Query) {
  return query.selectAll('c').select(['r.id as revocation_id', 'r.revoked_at', 'r.reason'])
}

function current(query: Query): Query {
  return query.where('r.id', 'is', null).where('c.renewed_by', 'is', null)
}

function ending(query: Query, window: ExpiryWindow, now: Date): Query {
  const { from, until } = boundsOf(window, now)
  const before = query.where('c.not_after', '<', inSeconds(until))
  return from === null ? before : before.where('c.not_after', '>=', inSeconds(from))
}

/** As certificates are dated, and so the column. */
function inSeconds(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z')
}

function filtered(reader: Db, filters: Filters, now: Date): Query {
  let query = withRevocations(reader)
  const { search } = filters
  if (filters['user[eq]'] !== undefined) query = query.where('c.user_id', '=', filters['user[eq]'])
  if (filters['state[eq]'] === 'current') query = current(query)
  if (filters['state[eq]'] === 'revoked') query = query.where('r.id', 'is not', null)
  if (filters['state[eq]'] === 'renewed') query = query.where('c.renewed_by', 'is not', null)
  if (filters['expires[eq]'] !== undefined) query = ending(query, filters['expires[eq]'], now)
  if (!search) return query
  return query.where((e) =>
    e.or([
      sql<boolean>`c.subject_folded like ${containing(search)} escape '\\'`,
      sql<boolean>`c.fingerprint like ${containing(search)} escape '\\'`,
      sql<boolean>`c.serial_number like ${containing(search.replaceAll(/[:\s]/g, ''))} escape '\\'`,
      contains('c.issuer', search),
      contains('c.username', search),
    ]),
  )
}

function fromRow(row: Row): ClientCertificate {
  const { revocation_id, revoked_at, reason } = row
  const isRevoked = revocation_id !== null && revoked_at !== null && reason !== null
  return {
    fingerprint: row.fingerprint,
    subject: row.subject,
    issuer: row.issuer,
    serialNumber: row.serial_number,
    keyAlgorithm: row.key_algorithm,
    notBefore: row.not_before,
    notAfter: row.not_after,
    user: { id: row.user_id, username: row.username },
    issued: { at: row.issued_at, by: row.issued_by },
    renewedBy: row.renewed_by,
    revoked: isRevoked ? { id: revocation_id, at: revoked_at, reason: reason as RevocationReason } : null,
  }
}

function toRow(certificate: StoredClientCertificate): Insertable<Schema['client_certificates']> {
  const { issued, user, subject } = certificate
  return {
    fingerprint: certificate.fingerprint,
    issuer_key: certificate.issuerKey,
    own_key: certificate.ownKey,
    serial_number: certificate.serialNumber,
    subject,
    subject_folded: subject.toLowerCase(),
    issuer: certificate.issuer,
    key_algorithm: certificate.keyAlgorithm,
    not_before: certificate.notBefore,
    not_after: certificate.notAfter,
    user_id: user.id,
    username: user.username,
    pem: certificate.pem,
    issued_at: issued.at,
    issued_by: issued.by,
    renewed_by: null,
  }
}
