/**
 * Replaces the built-in authority. The previous one stays in the trust store as an ordinary authority until a user
 * deletes it, so that the certificates it signed stay valid. It also signs the new one (a cross certificate), so that
 * clients that know only the old one still accept this server.
 */

import { everything } from '@gatehouse/contract/access/permission'
import type { builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import type { Parsed } from '@gatehouse/contract/route'
import { crossSign, type IssuedPems } from '@gatehouse/pki/make/issue'
import { readBundle } from '@gatehouse/pki/read/certificate'
import { requireCover } from '../../access/roles/limits.ts'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Enforcement } from '../../platform/changes/enforcers.ts'
import { appendChange } from '../../platform/changes/store.ts'
import type { Trx } from '../../platform/db/open.ts'
import { actorOf, type Caller, type RequestInfo } from '../../platform/http/request.ts'
import type { AuthoritiesContext } from '../authorities/context.ts'
import {
  findAuthority,
  findBuiltIn,
  insertAuthorities,
  keysBySubject,
  type StoredAuthority,
  updateAuthority,
} from '../authorities/store.ts'
import { forgetNext, keepNext } from './authority-files.ts'
import { describeBuiltIn, makeOwn, ownSubject } from './built-in.ts'
import type { BuiltInAuthority } from './built-in-authority.ts'
import { readGivenAuthority } from './given-authority.ts'
import { isSelfIssued, splitPem } from './own-certificate.ts'
import { keepOverlap, type Overlap } from './store.ts'

export interface BuiltInContext extends AuthoritiesContext {
  builtIn: BuiltInAuthority
}

interface Replacement {
  given: Parsed<typeof builtInAuthority.replace>['body']
  caller: Caller
  request: RequestInfo
}

/** The maximum lifetime of our certificates: by then every client must know the new one. */
const crossDays = 397

export async function replaceBuiltIn(context: BuiltInContext, by: Replacement): Promise<Enforcement> {
  // It can sign for any user. Checked before anything is computed with the input.
  requireCover(by.caller.permissions, everything)
  const { builtIn, enforcers } = context
  const sequence = await builtIn.inTurn(async () => {
    const next = await readOrMake(context, by.given)
    const overlap = await makeOverlap(context, next)
    // Written to the disk before the database names it: see authority-files.ts.
    await keepNext(builtIn.dataDir, next)
    const committed = await commit(context, { ...by, next, overlap }).catch(async (error: unknown) => {
      await forgetNext(builtIn.dataDir)
      throw error
    })
    await builtIn.adopt(next)
    return committed
  })
  return enforcers.waitFor([sequence])
}

function readOrMake(context: BuiltInContext, given: Replacement['given']): Promise<IssuedPems> {
  const { clock, builtIn } = context
  if (given.renew) return makeNamed(context)
  const { certificate = '', key = '', password } = given
  return readGivenAuthority({ certificate, key, password }, { at: clock.now(), signsServer: !builtIn.server.isGiven })
}

/** Named by the day; a second one of the same day also by its time, so that people can tell which one clients know. */
async function makeNamed({ clock, reader }: BuiltInContext): Promise<IssuedPems> {
  const at = clock.now().toISOString()
  const day = at.slice(0, 10)
  const isTaken = (await keysBySubject(reader, [ownSubject(day)])).size > 0
  return makeOwn(clock, isTaken ? `${day} ${at.slice(11, 19)}` : day)
}

/** Only between two roots: below another authority, clients could choose the wrong of two paths. */
async function makeOverlap({ clock, builtIn, db }: BuiltInContext, next: IssuedPems): Promise<Overlap> {
  const { authority } = builtIn
  const previous = (await findBuiltIn(db))?.certificate.fingerprint ?? ''
  const isPossible = !builtIn.server.isGiven && isRoot(authority) && isRoot(next) && (await mayCross(authority))
  const cross = isPossible
    ? await crossSign({ certificatePem: next.certificatePem, by: authority, days: crossDays, at: clock.now() })
    : null
  return { previous, cross }
}

function isRoot({ certificatePem }: IssuedPems): boolean {
  const [own = ''] = splitPem(certificatePem)
  return isSelfIssued(own)
}

async function mayCross({ certificatePem }: IssuedPems): Promise<boolean> {
  const [info] = await readBundle(certificatePem)
  return info?.pathLength !== 0
}

async function commit(
  { db, clock }: BuiltInContext,
  { next, overlap, given, caller, request }: Replacement & { next: IssuedPems; overlap: Overlap },
): Promise<number> {
  const described = await describeBuiltIn(next, clock)
  return db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const before = await findBuiltIn(trx)
    if (!before) throw new Error('There is always a built-in authority')
    // A second replacement breaks clients that know only the authority before the previous one, so the caller must
    // confirm it.
    if (given.replaces !== undefined && given.replaces !== before.certificate.fingerprint) {
      throw new Problem('changed_meanwhile')
    }
    if (before.certificate.fingerprint === described.certificate.fingerprint) {
      throw new Problem('already_built_in', { fields: { certificate: 'duplicate' } })
    }
    await updateAuthority(trx, { ...before, builtIn: false, version: before.version + 1 })
    const after = await makeBuiltIn(trx, { ...described, uploadedBy: given.renew ? null : caller.username })
    await keepOverlap(trx, overlap)
    await recordEvent(trx, clock, {
      action: 'authority.replaced',
      actor: actorOf(caller, request),
      target: auditTarget.authority({ ...after.certificate, name: after.name }),
      before: factsOf(before),
      after: factsOf(after),
    })
    const ids = [before.certificate.fingerprint, after.certificate.fingerprint]
    return appendChange(trx, clock, { kind: 'authority', ids })
  })
}

/** An authority that is already in the trust store keeps its name and its limit. */
async function makeBuiltIn(trx: Trx, described: StoredAuthority): Promise<StoredAuthority> {
  const known = await findAuthority(trx, described.certificate.fingerprint)
  if (!known) {
    await insertAuthorities(trx, [described])
    return described
  }
  const changed = { ...known, builtIn: true, version: known.version + 1 }
  await updateAuthority(trx, changed)
  return changed
}

function factsOf({ name, certificate: { fingerprint, subject, notAfter } }: StoredAuthority) {
  return { name, subject, fingerprint, expiresAt: notAfter }
}
