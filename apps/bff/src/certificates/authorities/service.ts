import { type authorities, maxAuthorityNameLength } from '@gatehouse/contract/certificates/authorities'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { requireVersion } from '../../platform/base/conflict.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Enforcement } from '../../platform/changes/enforcers.ts'
import { appendChange, appendChanges } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { type Actor, actorOf, type By, type Caller } from '../../platform/http/request.ts'
import type { AuthorityChange } from '../trust/changes.ts'
import { dropConfirmationsBeyond, dropConfirmationsOf } from './confirmations-store.ts'
import type { AuthoritiesContext } from './context.ts'
import { isAdministrator, requireCoverOf, requireRightToVouch, vouchedBy } from './cover.ts'
import { present, presentOne } from './present.ts'
import { requireRightToFreeKey, requireRightToLimitKey } from './shared-keys.ts'
import {
  deleteAuthority,
  findAuthorities,
  findAuthority,
  insertAuthorities,
  type StoredAuthority,
  updateAuthority,
} from './store.ts'
import { type Inspected, inspectUpload } from './upload.ts'

/**
 * Trusts the whole upload or nothing, except for the certificates that the caller leaves out. A certificate that exists
 * already is not an error.
 */
export async function addAuthorities(
  context: AuthoritiesContext,
  { upload, caller, request }: By & { upload: Parsed<typeof authorities.create>['body'] },
): Promise<Answer<typeof authorities.create>> {
  const { db, reader, clock, enforcers } = context
  const all = await inspectUpload(reader, clock, upload)
  const inspected = all.filter(({ verdict }) => !verdict.leftOut)
  refuseProblems(inspected)
  const { added, sequences } = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const actor = actorOf(caller, request)
    const stored = await trustInspected(trx, clock, { inspected, upload, caller, actor })
    const ids = stored.map(({ certificate }) => certificate.fingerprint)
    const changes = ids.length > 0 ? [{ kind: 'authority' as const, ids }] : []
    return { added: new Set(ids), sequences: await appendChanges(trx, clock, changes) }
  })
  const { disconnected } = await enforcers.waitFor(sequences)
  const there = await present(context, await findAuthorities(reader, fingerprintsOf(inspected)))
  return {
    added: there.filter(({ fingerprint }) => added.has(fingerprint)),
    existing: there.filter(({ fingerprint }) => !added.has(fingerprint)),
    leftOut: all
      .filter(({ verdict }) => verdict.leftOut)
      .map(({ verdict: { fingerprint, subject, problems } }) => ({ fingerprint, subject, problems })),
    live: disconnected !== null,
  }
}

/** Trusts those that are not in the trust store, with their events. Returns them. The caller appends the change. */
export async function trustInspected(
  trx: Trx,
  clock: Clock,
  {
    inspected,
    upload,
    caller,
    actor,
  }: {
    inspected: readonly Inspected[]
    upload: Pick<Parsed<typeof authorities.create>['body'], 'name' | 'usernames'>
    caller: Caller
    actor: Actor
  },
): Promise<StoredAuthority[]> {
  await requireRightToVouch(trx, caller, upload.usernames)
  const there = await findAuthorities(trx, fingerprintsOf(inspected))
  const known = new Set(there.map(({ certificate }) => certificate.fingerprint))
  const fresh = inspected.filter(({ certificate }) => !known.has(certificate.fingerprint))
  const stored = fresh.map((one) => toStored(one, { upload, caller, clock, several: fresh.length > 1 }))
  for (const authority of stored) await requireRightToLimitKey(trx, caller, authority)
  await insertAuthorities(trx, stored)
  for (const authority of stored) await recordAdded(trx, clock, { authority, actor })
  return stored
}

export async function updateAuthorityBy(
  context: AuthoritiesContext,
  {
    fingerprint,
    changes,
    caller,
    request,
  }: By & {
    fingerprint: string
    changes: Parsed<typeof authorities.update>['body']
  },
): Promise<Answer<typeof authorities.update>> {
  const { db, clock, enforcers } = context
  const { after, sequences } = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const before = await requireAuthority(trx, fingerprint)
    requireVersion(request.ifMatch, before.version)
    // A former built-in authority may still be withdrawn; it can be restored.
    if (changes.withdrawn !== undefined && !before.builtIn && before.withdrawnAt === null) {
      throw new Problem('invalid', {
        fields: { withdrawn: 'invalid' },
        detail: 'Other authorities are deleted instead',
      })
    }
    const applying = applied(before, changes, timestamp(clock))
    const vouches = isWider(before, applying) || changes.takeOver === true
    const changed = vouches ? { ...applying, limitedBy: limiterOf(caller, applying.usernames) } : applying
    if (vouches) await requireRightToVouch(trx, caller, changed.usernames)
    if (isWider(before, changed)) await requireRightToFreeKey(trx, caller, before)
    await requireCoverOf(trx, caller, { before: vouchedBy(before), after: vouchedBy(changed) })
    await updateAuthority(trx, changed)
    if (vouches) await dropConfirmationsOf(trx, fingerprint)
    else await dropConfirmationsBeyond(trx, changed)
    await recordEvent(trx, clock, {
      action: actionFor(before, changed),
      actor: actorOf(caller, request),
      target: auditTarget.authority({ ...changed.certificate, name: changed.name }),
      before: factsOf(before),
      after: factsOf(changed),
    })
    const news = concernsBroker(before, changed) ? [{ kind: 'authority' as const, ids: [fingerprint] }] : []
    return { after: changed, sequences: await appendChanges(trx, clock, news) }
  })
  const ended = await enforcers.waitFor(sequences)
  return { ...(await presentOne(context, after)), ...ended }
}

export async function removeAuthority(
  { db, clock, enforcers, builtIn }: AuthoritiesContext,
  { fingerprint, caller, request }: By & { fingerprint: string },
): Promise<Enforcement> {
  const sequence = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const authority = await requireAuthority(trx, fingerprint)
    if (authority.builtIn) throw new Problem('built_in')
    await requireCoverOf(trx, caller, { before: vouchedBy(authority), after: [] })
    await requireRightToFreeKey(trx, caller, authority)
    await deleteAuthority(trx, fingerprint)
    await recordEvent(trx, clock, {
      action: 'authority.deleted',
      actor: actorOf(caller, request),
      target: auditTarget.authority({ ...authority.certificate, name: authority.name }),
      before: { ...factsOf(authority), subject: authority.certificate.subject },
    })
    return appendChange(trx, clock, { kind: 'authority', ids: [fingerprint] })
  })
  const ended = await enforcers.waitFor([sequence])
  await builtIn.settle()
  return ended
}

export async function requireAuthority(db: Db, fingerprint: string): Promise<StoredAuthority> {
  const authority = await findAuthority(db, fingerprint)
  if (!authority) throw new Problem('not_found')
  return authority
}

function refuseProblems(inspected: readonly Inspected[]): void {
  const bad = inspected.flatMap(({ verdict }, at) =>
    verdict.problems.slice(0, 1).map((problem) => ({ at, problem, verdict })),
  )
  if (bad.length === 0) return
  throw new Problem('authority_refused', {
    fields: Object.fromEntries(bad.map(({ at, problem }) => [`certificates.${at}`, problem])),
    detail: bad.map(({ problem, verdict }) => `${verdict.subject}: ${problem}`).join('; '),
  })
}

function toStored(
  { certificate }: Inspected,
  by: {
    upload: Pick<Parsed<typeof authorities.create>['body'], 'name' | 'usernames'>
    caller: Caller
    clock: Clock
    several: boolean
  },
): StoredAuthority {
  const { pem: _pem, ...kept } = certificate
  const said = certificate.commonName?.trim() || certificate.organization?.trim()
  const own = said || certificate.fingerprint.slice(0, 12)
  const { name } = by.upload
  return {
    certificate: kept,
    name: shortened(name === undefined ? own : by.several ? `${name}: ${own}` : name),
    notes: null,
    builtIn: false,
    usernames: by.upload.usernames,
    uploadedBy: by.caller.username,
    uploadedAt: timestamp(by.clock),
    withdrawnAt: null,
    limitedBy: limiterOf(by.caller, by.upload.usernames),
    version: 1,
  }
}

/** Administrators cover all users, also future ones, so their limit does not depend on a person. */
function limiterOf(caller: Caller, usernames: readonly string[]): string | null {
  return usernames.length === 0 || isAdministrator(caller) ? null : caller.userId
}

/** The maximum length of a name in the contract. A subject may be longer. */
function shortened(name: string): string {
  return name.length <= maxAuthorityNameLength
    ? name
    : `${name.slice(0, maxAuthorityNameLength - 2).trimEnd()}…`.toWellFormed()
}

function applied(
  before: StoredAuthority,
  changes: Parsed<typeof authorities.update>['body'],
  at: string,
): StoredAuthority {
  const { name = before.name, usernames = before.usernames, withdrawn = before.withdrawnAt !== null } = changes
  return {
    ...before,
    name,
    notes: changes.notes === undefined ? before.notes : changes.notes,
    usernames,
    withdrawnAt: withdrawn ? (before.withdrawnAt ?? at) : null,
    version: before.version + 1,
  }
}

/**
 * May it now vouch for a user that it could not vouch for before? Only removing globs from a limit is certainly not
 * wider.
 */
function isWider(before: StoredAuthority, after: StoredAuthority): boolean {
  if (before.withdrawnAt !== null && after.withdrawnAt === null) return true
  if (before.usernames.length === 0) return false
  return after.usernames.length === 0 || after.usernames.some((glob) => !before.usernames.includes(glob))
}

/** A change of the limit as `updateAuthorityBy` would make it. */
export function limitChange(caller: Caller, before: StoredAuthority, usernames: readonly string[]): AuthorityChange {
  const vouches = isWider(before, { ...before, usernames: [...usernames] })
  return { usernames, limitedBy: vouches ? limiterOf(caller, usernames) : before.limitedBy }
}

/** Brokers need a change of the name, but not of the note. */
function concernsBroker(before: StoredAuthority, after: StoredAuthority): boolean {
  const isSameLimit = before.usernames.join() === after.usernames.join()
  const isSameLimiter = before.limitedBy === after.limitedBy
  return before.name !== after.name || before.withdrawnAt !== after.withdrawnAt || !isSameLimit || !isSameLimiter
}

function actionFor(before: StoredAuthority, after: StoredAuthority) {
  if (before.withdrawnAt === null && after.withdrawnAt !== null) return 'authority.withdrawn'
  if (before.withdrawnAt !== null && after.withdrawnAt === null) return 'authority.restored'
  return 'authority.updated'
}

async function recordAdded(trx: Trx, clock: Clock, { authority, actor }: { authority: StoredAuthority; actor: Actor }) {
  await recordEvent(trx, clock, {
    action: 'authority.added',
    actor,
    target: auditTarget.authority({ ...authority.certificate, name: authority.name }),
    after: { ...factsOf(authority), subject: authority.certificate.subject },
  })
}

function fingerprintsOf(inspected: readonly Inspected[]): string[] {
  return inspected.map(({ certificate }) => certificate.fingerprint)
}

function factsOf({ name, notes, usernames, limitedBy, withdrawnAt }: StoredAuthority) {
  return { name, notes, usernames, limitedBy, withdrawnAt }
}
