import type { ClientCertificate, clientCertificates } from '@gatehouse/contract/certificates/issued'
import type { RevocationReason } from '@gatehouse/contract/certificates/revocations'
import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { type AliasedExpression, type Insertable, type Selectable, sql } from 'kysely'
import { endingWithin, inSeconds } from '../../platform/db/expiry-windows.ts'
import { containing, contains, countUpTo, readPage, readSort } from '../../platform/db/keyset.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'

type Filters = Parsed<typeof clientCertificates.list>['search']
export type Kind = NonNullable<Filters['kind[eq]']>

/** The fields of both kinds. Missing times are empty, because lists are sorted by them. */
type Known = Omit<Selectable<Schema['client_certificates']>, 'pem' | 'own_key' | 'issued_by'> & {
  issued_by: string | null
  first_seen_at: string
  last_seen_at: string
}

type Row = Known & {
  revocation_id: string | null
  revoked_at: string | null
  reason: string | null
}

/** An issued certificate as it is stored. */
export interface StoredClientCertificate
  extends Omit<ClientCertificate, 'revoked' | 'renewedBy' | 'seen' | 'issued' | 'user'> {
  user: { id: string; username: string }
  issued: { at: string; by: string }
  /** SHA-256 of the signer's key, and of its own. */
  issuerKey: string
  ownKey: string
  pem: string
}

const sortKeys = {
  notAfter: 'c.not_after',
  issuedAt: 'c.issued_at',
  lastSeenAt: 'c.last_seen_at',
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

/** `issued`: by this installation. `seen`: presented by a client. */
export async function findClientCertificate(db: Db, fingerprint: string): Promise<ClientCertificate | null> {
  for (const kind of ['issued', 'seen'] as const) {
    const row = await selected(withRevocations(db, kind).where('c.fingerprint', '=', fingerprint)).executeTakeFirst()
    if (row) return fromRow(row)
  }
  return null
}

/** PEM of an issued certificate, with the intermediates up to the root. */
export async function findIssuedPem(db: Db, fingerprint: string): Promise<string | null> {
  const row = await db
    .selectFrom('client_certificates')
    .select('pem')
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirst()
  return row?.pem ?? null
}

export async function insertClientCertificate(trx: Trx, added: StoredClientCertificate): Promise<void> {
  await trx.insertInto('client_certificates').values(toRow(added)).execute()
}

/** Was a certificate of this key revoked because another person may hold the key? */
export async function isCompromised(trx: Trx, ownKey: string): Promise<boolean> {
  const found = await trx
    .selectFrom('client_certificates as c')
    .innerJoin('revocations as r', (join) =>
      join.onRef('r.issuer_key', '=', 'c.issuer_key').onRef('r.serial_number', '=', 'c.serial_number'),
    )
    .select('c.fingerprint')
    .where('c.own_key', '=', ownKey)
    .where('r.reason', '=', 'keyCompromise')
    .executeTakeFirst()
  return found !== undefined
}

/** The certificates issued to this user that are still valid, as a revocation names them. */
export async function listGoodOf(trx: Trx, userId: string, now: Date) {
  const rows = await withRevocations(trx, 'issued')
    .selectAll('c')
    .where('c.user_id', '=', userId)
    .where('r.id', 'is', null)
    .where('c.not_after', '>', inSeconds(now))
    .orderBy('c.fingerprint')
    .execute()
  return rows.map((row) => ({
    issuerKey: row.issuer_key,
    serialNumber: row.serial_number,
    issuer: row.issuer,
    subject: row.subject,
    username: row.username,
    fingerprint: row.fingerprint,
    notAfter: row.not_after,
  }))
}

/** True if it is this user's. */
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

export function withRevocations(db: Db, kind: Kind) {
  return db
    .selectFrom(kind === 'seen' ? seenOnes(db) : issuedOnes(db))
    .leftJoin('revocations as r', (join) =>
      join.onRef('r.issuer_key', '=', 'c.issuer_key').onRef('r.serial_number', '=', 'c.serial_number'),
    )
}

const common = ['issuer_key', 'serial_number', 'subject', 'subject_folded', 'issuer', 'key_algorithm'] as const

function issuedOnes(db: Db): AliasedExpression<Known, 'c'> {
  return db
    .selectFrom('client_certificates as i')
    .leftJoin('seen_certificates as s', 's.fingerprint', 'i.fingerprint')
    .select(common.map((column) => `i.${column}` as const))
    .select(['i.fingerprint', 'i.not_before', 'i.not_after', 'i.user_id', 'i.username', 'i.issued_at', 'i.issued_by'])
    .select((e) => [
      e.fn.coalesce('s.first_seen_at', sql.lit('')).as('first_seen_at'),
      e.fn.coalesce('s.last_seen_at', sql.lit('')).as('last_seen_at'),
      'i.renewed_by',
    ])
    .as('c')
}

/**
 * A certificate counts as replaced if its user has not used it since another one was first seen. The issuers of the two
 * do not matter.
 */
function seenOnes(db: Db): AliasedExpression<Known, 'c'> {
  return db
    .selectFrom('seen_certificates as s')
    .leftJoin('client_certificates as i', 'i.fingerprint', 's.fingerprint')
    .leftJoin('users as u', 'u.id', 's.user_id')
    .select(common.map((column) => `s.${column}` as const))
    .select(['s.fingerprint', 's.not_before', 's.not_after', 'u.id as user_id', 's.username', 'i.issued_by'])
    .select((e) => [
      e.fn.coalesce('i.issued_at', sql.lit('')).as('issued_at'),
      's.first_seen_at',
      's.last_seen_at',
      e.fn
        .coalesce(
          'i.renewed_by',
          e
            .selectFrom('seen_certificates as n')
            .select('n.fingerprint')
            .whereRef('n.user_id', '=', 's.user_id')
            .whereRef('n.first_seen_at', '>', 's.last_seen_at')
            .orderBy('n.first_seen_at')
            .limit(1),
        )
        .as('renewed_by'),
    ])
    .as('c')
}

type Query = ReturnType<typeof withRevocations>

function selected(query: Query) {
  return query.selectAll('c').select(['r.id as revocation_id', 'r.revoked_at', 'r.reason'])
}

export function current(query: Query): Query {
  return query.where('r.id', 'is', null).where('c.renewed_by', 'is', null)
}

function filtered(reader: Db, filters: Filters, now: Date): Query {
  let query = withRevocations(reader, filters['kind[eq]'] ?? 'issued')
  const { search } = filters
  if (filters['user[eq]'] !== undefined) query = query.where('c.user_id', '=', filters['user[eq]'])
  if (filters['state[eq]'] === 'current') query = current(query)
  if (filters['state[eq]'] === 'revoked') query = query.where('r.id', 'is not', null)
  if (filters['state[eq]'] === 'renewed') query = query.where('c.renewed_by', 'is not', null)
  if (filters['expires[eq]'] !== undefined)
    query = query.where(endingWithin('c.not_after', filters['expires[eq]'], now))
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
    issued: row.issued_at === '' || row.issued_by === null ? null : { at: row.issued_at, by: row.issued_by },
    seen: row.last_seen_at === '' ? null : { firstAt: row.first_seen_at, lastAt: row.last_seen_at },
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
