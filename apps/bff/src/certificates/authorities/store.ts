import type { authorities } from '@gatehouse/contract/certificates/authorities'
import { type Expiries, type ExpiryWindow, expiryWindows } from '@gatehouse/contract/certificates/expiry'
import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'
import type { CertificateInfo } from '@gatehouse/pki/read/certificate'
import { type RawBuilder, type Selectable, sql } from 'kysely'
import { endingWithin, inSeconds } from '../../platform/db/expiry-windows.ts'
import { containing, contains, countUpTo, readPage, readSort } from '../../platform/db/keyset.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'

type Filters = Parsed<typeof authorities.list>['search']
type AuthorityRow = Selectable<Schema['authorities']>

/** The columns for certificate fields; everything else is parsed from the bytes. */
export type StoredCertificate = Omit<
  CertificateInfo,
  'pem' | 'nameConstraints' | 'revocationPoints' | 'informationAccess' | 'criticalExtensions'
>

/** An authority as it is stored. */
export interface StoredAuthority {
  certificate: StoredCertificate
  name: string
  notes: string | null
  builtIn: boolean
  usernames: string[]
  uploadedBy: string | null
  uploadedAt: string
  withdrawnAt: string | null
  /** Id of the user who limited it, who may have been deleted. Null: an administrator did, or it has no limit. */
  limitedBy: string | null
  version: number
}

const sortKeys = { name: 'name_folded', notAfter: 'not_after', uploadedAt: 'uploaded_at' } as const

export async function listAuthorities(reader: Db, filters: Filters, now: Date): Promise<Page<StoredAuthority>> {
  const { field, descending } = readSort(filters.sort ?? 'name')
  const query = await filtered(reader, filters, now)
  const { rows, nextCursor } = await readPage(query.selectAll(), {
    by: sql.ref(sortKeys[field]),
    id: sql.ref('fingerprint'),
    descending,
    cursor: filters.cursor,
    limit: filters.limit,
  })
  return { items: await complete(reader, rows), nextCursor, total: await countUpTo(reader, query) }
}

export async function findAuthority(db: Db, fingerprint: string): Promise<StoredAuthority | null> {
  return (await findAuthorities(db, [fingerprint]))[0] ?? null
}

export async function findAuthorities(db: Db, fingerprints: readonly string[]): Promise<StoredAuthority[]> {
  return findBy(db, 'fingerprint', fingerprints)
}

/** Authorities with one of these keys. Several certificates may have the same key. */
export async function findAuthoritiesByKey(db: Db, keys: readonly string[]): Promise<StoredAuthority[]> {
  return findBy(db, 'key_fingerprint', keys)
}

/** Authorities with one of these names, in the form of certificate descriptions. */
export async function findAuthoritiesBySubject(db: Db, subjects: readonly string[]): Promise<StoredAuthority[]> {
  return findBy(db, 'subject', subjects)
}

/** Authorities with this subject or this issuer, in the order of their names. */
export async function findAuthoritiesNamed(
  reader: Db,
  name: Partial<Record<'subject' | 'issuer', string>>,
  limit: number,
): Promise<StoredAuthority[]> {
  let query = reader.selectFrom('authorities').selectAll()
  if (name.subject !== undefined) query = query.where('subject', '=', name.subject)
  if (name.issuer !== undefined) query = query.where('issuer', '=', name.issuer)
  return complete(reader, await query.orderBy('name_folded').orderBy('fingerprint').limit(limit).execute())
}

export async function findBuiltIn(db: Db): Promise<StoredAuthority | null> {
  const rows = await db.selectFrom('authorities').selectAll().where('built_in', '=', 1).limit(1).execute()
  return (await complete(db, rows))[0] ?? null
}

/** The DER of each trusted authority. */
export async function listTrusted(reader: Db): Promise<Uint8Array[]> {
  const rows = await reader
    .selectFrom('authorities')
    .select('der')
    .where('withdrawn_at', 'is', null)
    .orderBy('name_folded')
    .orderBy('fingerprint')
    .execute()
  return rows.map(({ der }) => der)
}

/** A trusted authority, as other brokers need it. */
export interface TrustedAuthority {
  fingerprint: string
  name: string
  subject: string
  issuer: string
  notAfter: string
  /** It may identify some users only. */
  isLimited: boolean
  /** The user who limited it, unless that was an administrator. */
  limitedBy: string | null
  der: Uint8Array
}

/** In the order of fingerprints. */
export async function listTrustedAuthorities(reader: Db): Promise<TrustedAuthority[]> {
  const rows = await reader
    .selectFrom('authorities')
    .select(['fingerprint', 'name', 'subject', 'issuer', 'not_after as notAfter', 'limited_by as limitedBy', 'der'])
    .where('withdrawn_at', 'is', null)
    .orderBy('fingerprint')
    .execute()
  const limits = await reader.selectFrom('authority_usernames').select('fingerprint').distinct().execute()
  const limited = new Set(limits.map(({ fingerprint }) => fingerprint))
  return rows.map((row) => ({ ...row, isLimited: limited.has(row.fingerprint) }))
}

/** Which of these CAs are trusted to sign client certificates now. */
export async function trustedAmong(db: Db, fingerprints: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>()
  for (let at = 0; at < fingerprints.length; at += 500) {
    const rows = await db
      .selectFrom('authorities')
      .select('fingerprint')
      .where('fingerprint', 'in', fingerprints.slice(at, at + 500))
      .where('withdrawn_at', 'is', null)
      .execute()
    for (const { fingerprint } of rows) found.add(fingerprint)
  }
  return found
}

/** Of these subjects, those with authorities, and how many different keys each has. */
export async function keysBySubject(db: Db, subjects: readonly string[]): Promise<Map<string, Set<string>>> {
  const keys = new Map<string, Set<string>>()
  for (const some of inChunks([...new Set(subjects)])) {
    const rows = await db
      .selectFrom('authorities')
      .select(['subject', 'key_fingerprint'])
      .where('subject', 'in', some)
      .execute()
    for (const { subject, key_fingerprint } of rows) {
      keys.set(subject, (keys.get(subject) ?? new Set()).add(key_fingerprint))
    }
  }
  return keys
}

export async function insertAuthorities(trx: Trx, added: readonly StoredAuthority[]): Promise<void> {
  for (const some of inChunks(added, 50)) {
    await trx.insertInto('authorities').values(some.map(toColumns)).execute()
    await insertLimits(trx, some)
  }
}

export async function updateAuthority(trx: Trx, authority: StoredAuthority): Promise<void> {
  const { fingerprint } = authority.certificate
  await trx.updateTable('authorities').set(toColumns(authority)).where('fingerprint', '=', fingerprint).execute()
  await trx.deleteFrom('authority_usernames').where('fingerprint', '=', fingerprint).execute()
  await insertLimits(trx, [authority])
}

export async function deleteAuthority(trx: Trx, fingerprint: string): Promise<void> {
  await trx.deleteFrom('authorities').where('fingerprint', '=', fingerprint).execute()
}

/** How many expire within each window, and how many there are. */
export async function countExpiries(reader: Db, now: Date): Promise<{ total: number; expiries: Expiries }> {
  const { total } = await reader
    .selectFrom('authorities')
    .select((e) => e.fn.countAll().as('total'))
    .executeTakeFirstOrThrow()
  const counts: [ExpiryWindow, number][] = []
  for (const window of expiryWindows) {
    const { count } = await ending(reader, window, now)
      .select((e) => e.fn.countAll().as('count'))
      .executeTakeFirstOrThrow()
    counts.push([window, Number(count)])
  }
  return { total: Number(total), expiries: Object.fromEntries(counts) as Expiries }
}

function ending(reader: Db, window: ExpiryWindow, now: Date) {
  return reader.selectFrom('authorities').where(endingWithin('not_after', window, now))
}

async function filtered(reader: Db, filters: Filters, now: Date) {
  const window = filters['expires[eq]']
  const username = filters['vouchesFor[eq]']
  let query = window ? ending(reader, window, now) : reader.selectFrom('authorities')
  if (username !== undefined) query = query.where(await vouchingFor(reader, username, now))
  if (!filters.search) return query
  const pattern = containing(filters.search)
  return query.where(
    sql<boolean>`(name_folded like ${pattern} escape '\\' or ${contains('subject', filters.search)} or fingerprint like ${pattern} escape '\\')`,
  )
}

async function vouchingFor(reader: Db, username: string, now: Date): Promise<RawBuilder<boolean>> {
  const all = await reader.selectFrom('authority_usernames').select('glob').distinct().execute()
  const matching = all.filter(({ glob }) => usernameMatches(glob, username)).map(({ glob }) => sql.val(glob))
  const limits = sql`select 1 from authority_usernames n where n.fingerprint = authorities.fingerprint`
  const isNamed = matching.length === 0 ? sql`1 = 0` : sql`exists (${limits} and n.glob in (${sql.join(matching)}))`
  return sql<boolean>`(withdrawn_at is null and not_after > ${inSeconds(now)} and (not exists (${limits}) or ${isNamed}))`
}

async function findBy(
  db: Db,
  column: 'fingerprint' | 'key_fingerprint' | 'subject',
  values: readonly string[],
): Promise<StoredAuthority[]> {
  const found: AuthorityRow[] = []
  for (const some of inChunks([...new Set(values)])) {
    found.push(...(await db.selectFrom('authorities').selectAll().where(column, 'in', some).execute()))
  }
  return complete(db, found)
}

async function insertLimits(trx: Trx, some: readonly StoredAuthority[]): Promise<void> {
  const limits = some.flatMap(({ certificate: { fingerprint }, usernames }) =>
    [...new Set(usernames)].map((glob) => ({ fingerprint, glob })),
  )
  if (limits.length > 0) await trx.insertInto('authority_usernames').values(limits).execute()
}

async function complete(db: Db, rows: readonly AuthorityRow[]): Promise<StoredAuthority[]> {
  const limits: { fingerprint: string; glob: string }[] = []
  for (const some of inChunks(rows.map(({ fingerprint }) => fingerprint))) {
    const found = db.selectFrom('authority_usernames').selectAll().where('fingerprint', 'in', some).orderBy('glob')
    limits.push(...(await found.execute()))
  }
  const byFingerprint = Map.groupBy(limits, ({ fingerprint }) => fingerprint)
  return rows.map((row) => ({
    // Only `toColumns` writes it.
    certificate: { ...(JSON.parse(row.description) as Omit<StoredCertificate, 'der'>), der: row.der },
    name: row.name,
    notes: row.notes,
    builtIn: row.built_in === 1,
    usernames: (byFingerprint.get(row.fingerprint) ?? []).map(({ glob }) => glob),
    uploadedBy: row.uploaded_by,
    uploadedAt: row.uploaded_at,
    withdrawnAt: row.withdrawn_at,
    limitedBy: row.limited_by,
    version: row.version,
  }))
}

function toColumns(authority: StoredAuthority) {
  const { der, ...description } = authority.certificate
  return {
    fingerprint: description.fingerprint,
    key_fingerprint: description.keyFingerprint,
    subject: description.subject,
    issuer: description.issuer,
    name: authority.name,
    notes: authority.notes,
    name_folded: authority.name.toLowerCase(),
    der: Buffer.from(der),
    not_after: description.notAfter,
    description: JSON.stringify(description),
    built_in: authority.builtIn ? (1 as const) : (0 as const),
    uploaded_by: authority.uploadedBy,
    uploaded_at: authority.uploadedAt,
    withdrawn_at: authority.withdrawnAt,
    limited_by: authority.limitedBy,
    version: authority.version,
  }
}

/** SQLite allows 32,766 parameters in a statement; a chunk stays far below. */
function inChunks<T>(all: readonly T[], size = 500): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))
}
