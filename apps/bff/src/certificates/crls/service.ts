import type { ListWarning, RevocationList, revocationLists } from '@gatehouse/contract/certificates/crls'
import type { TrustImpact } from '@gatehouse/contract/certificates/impact'
import type { Answer } from '@gatehouse/contract/route'
import { toPemInSlices } from '@gatehouse/pki/read/certificate'
import type { RevocationList as ReadList } from '@gatehouse/pki/read/revocation-list'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import { appendChange, appendChanges } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { type Actor, actorOf, type By, type Caller } from '../../platform/http/request.ts'
import { latestBeginning, readPolicies } from '../../platform/policies/store.ts'
import { requireAuthority } from '../authorities/service.ts'
import { findAuthoritiesByKey, type StoredAuthority } from '../authorities/store.ts'
import { requireRevocationRight } from '../revocations/revocation-rights.ts'
import { findOtherKeys, signerOf } from './other-keys.ts'
import { deleteList, findList, findListsOfKey, listLists, readDer, replaceList, type StoredList } from './store.ts'
import { readUpload, requireNotOlder } from './upload.ts'

/** What the enforcers know about CRLs. Null: no answer in time. */
export interface CrlEnforcers extends Enforcers {
  impactOnList(list: {
    issuerKey: string
    scope: string
    der: Uint8Array
    signer: Uint8Array | null
  }): Promise<TrustImpact>
}

export interface RevocationListsContext {
  db: Db
  reader: Db
  clock: Clock
  enforcers: CrlEnforcers
}

interface Upload {
  fingerprint: string
  crl: string
}

export async function uploadList(
  { db, reader, clock, enforcers }: RevocationListsContext,
  { fingerprint, crl, caller, request }: Upload & By,
): Promise<Answer<typeof revocationLists.create>> {
  // Read before the transaction: parsing a long CRL takes half a second.
  const list = await readUpload(crl, await requireAuthority(reader, fingerprint), await latestBeginning(reader, clock))
  const { stored, sequences } = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const authority = await requireAuthority(trx, fingerprint)
    const { keyFingerprint: issuerKey } = authority.certificate
    await requireRevocationRight(trx, caller, { username: null, issuerKey, serialNumber: null, evidence: 'signature' })
    const actor = actorOf(caller, request)
    const { list: kept, isNew } = await storeList(trx, clock, { list, authority, caller, actor })
    const changes = isNew ? [{ kind: 'crl' as const, ids: [issuerKey] }] : []
    return { stored: kept, sequences: await appendChanges(trx, clock, changes) }
  })
  return { ...describeList(stored, clock), ...(await enforcers.waitFor(sequences)) }
}

/**
 * Stores a CRL that was checked against this authority, with its event. Throws `crl_older`. The caller has checked all rights and
 * appends the change.
 */
export async function storeList(
  trx: Trx,
  clock: Clock,
  { list, authority, caller, actor }: { list: ReadList; authority: StoredAuthority; caller: Caller; actor: Actor },
): Promise<{ list: StoredList; isNew: boolean }> {
  const { keyFingerprint: issuerKey } = authority.certificate
  const before = heldFor(list, await findListsOfKey(trx, issuerKey))
  if (before?.fingerprint === list.fingerprint) return { list: before, isNew: false }
  requireNotOlder(list, before)
  const uploaded = { ...toStored(list, issuerKey), uploaded_by: caller.username, uploaded_at: timestamp(clock) }
  const signer = signerOf(authority, caller)
  if (!(await replaceList(trx, { ...uploaded, der: list.der, signer }, before))) throw new Problem('changed_meanwhile')
  await recordEvent(trx, clock, {
    action: 'crl.uploaded',
    actor,
    target: auditTarget.authority({ ...authority.certificate, name: authority.name }),
    ...(before && { before: factsOf(before) }),
    after: factsOf(uploaded),
  })
  return { list: uploaded, isNew: true }
}

export async function inspectList(
  { reader, clock, enforcers }: RevocationListsContext,
  { fingerprint, crl, caller }: Upload & Pick<By, 'caller'>,
): Promise<Answer<typeof revocationLists.inspect>> {
  const authority = await requireAuthority(reader, fingerprint)
  const list = await readUpload(crl, authority, await latestBeginning(reader, clock))
  const issuerKey = authority.certificate.keyFingerprint
  const before = heldFor(list, await findListsOfKey(reader, issuerKey))
  requireNotOlder(list, before)
  const signer = signerOf(authority, caller)
  const ended = await enforcers.impactOnList({ issuerKey, scope: list.scope, der: list.der, signer })
  const existing = before?.fingerprint === list.fingerprint
  return {
    ...describeList({ ...toStored(list, issuerKey), uploaded_by: null, uploaded_at: timestamp(clock) }, clock),
    ...ended,
    existing,
    replaces: before && !existing ? describeList(before, clock) : null,
    otherKeys: await findOtherKeys(reader, authority, signer),
  }
}

export async function removeList(
  { db, clock, enforcers }: RevocationListsContext,
  { fingerprint, caller, request }: By & { fingerprint: string },
): Promise<Answer<typeof revocationLists.remove>> {
  const sequence = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const list = await findList(trx, fingerprint)
    if (!list) throw new Problem('not_found')
    await requireRevocationRight(trx, caller, {
      username: null,
      issuerKey: list.issuer_key,
      serialNumber: null,
      evidence: 'none',
    })
    await deleteList(trx, fingerprint)
    const [authority] = await findAuthoritiesByKey(trx, [list.issuer_key])
    await recordEvent(trx, clock, {
      action: 'crl.deleted',
      actor: actorOf(caller, request),
      target: auditTarget.authority(
        authority
          ? { ...authority.certificate, name: authority.name }
          : { fingerprint: list.issuer_key, name: list.issuer },
      ),
      before: factsOf(list),
    })
    return appendChange(trx, clock, { kind: 'crl', ids: [list.issuer_key] })
  })
  return { live: (await enforcers.waitFor([sequence])).disconnected !== null }
}

export async function everyList({
  reader,
  clock,
}: RevocationListsContext): Promise<Answer<typeof revocationLists.list>> {
  const lists = await listLists(reader)
  const keys = lists.map(({ issuer_key }) => issuer_key)
  const authorities = (await findAuthoritiesByKey(reader, keys)).map(
    ({ certificate: { keyFingerprint, fingerprint }, name }) => [keyFingerprint, { fingerprint, name }] as const,
  )
  const byKey = new Map(authorities)
  const items = lists.map((list) => ({ ...describeList(list, clock), authority: byKey.get(list.issuer_key) ?? null }))
  return { items, whenExpired: (await readPolicies(reader)).crl.whenExpired }
}

export async function listsOf(
  { reader, clock }: RevocationListsContext,
  fingerprint: string,
): Promise<Answer<typeof revocationLists.view>> {
  const { certificate } = await requireAuthority(reader, fingerprint)
  const lists = await findListsOfKey(reader, certificate.keyFingerprint)
  const items = lists.map((list) => describeList(list, clock))
  return { items, whenExpired: (await readPolicies(reader)).crl.whenExpired }
}

export async function downloadList({ reader }: RevocationListsContext, fingerprint: string): Promise<string> {
  const der = await readDer(reader, fingerprint)
  if (!der) throw new Problem('not_found')
  return toPemInSlices('X509 CRL', der)
}

function heldFor({ scope }: ReadList, held: readonly StoredList[]): StoredList | undefined {
  return held.find((each) => each.scope === scope)
}

function toStored(list: ReadList, issuerKey: string): Omit<StoredList, 'uploaded_by' | 'uploaded_at'> {
  return {
    fingerprint: list.fingerprint,
    issuer_key: issuerKey,
    scope: list.scope,
    issuer: list.issuer,
    number: list.number,
    this_update: list.thisUpdate.toISOString(),
    next_update: list.nextUpdate?.toISOString() ?? null,
    entry_count: list.count,
    signature_algorithm: list.signatureAlgorithm,
  }
}

const soonMs = 3 * 24 * 60 * 60 * 1000

function describeList(stored: StoredList, clock: Clock): RevocationList {
  const leftMs = stored.next_update === null ? null : Date.parse(stored.next_update) - clock.now().getTime()
  const warnings: Record<ListWarning, boolean> = {
    outdated: leftMs !== null && leftMs < 0,
    outdated_soon: leftMs !== null && leftMs >= 0 && leftMs < soonMs,
    no_next_update: leftMs === null,
    no_number: stored.number === null,
    partial: stored.scope !== '',
  }
  return {
    fingerprint: stored.fingerprint,
    issuer: stored.issuer,
    number: stored.number,
    thisUpdate: stored.this_update,
    nextUpdate: stored.next_update,
    count: stored.entry_count,
    signatureAlgorithm: stored.signature_algorithm,
    warnings: (Object.keys(warnings) as ListWarning[]).filter((warning) => warnings[warning]),
    uploadedBy: stored.uploaded_by,
    uploadedAt: stored.uploaded_at,
  }
}

function factsOf({ number, this_update, next_update, entry_count }: StoredList) {
  return { number, thisUpdate: this_update, nextUpdate: next_update, count: entry_count }
}
