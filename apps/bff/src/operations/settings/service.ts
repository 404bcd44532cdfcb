import { coversAll, everything } from '@gatehouse/contract/access/permission'
import type { Settings, SettingsUpdate, settings } from '@gatehouse/contract/operations/settings'
import type { Answer } from '@gatehouse/contract/route'
import { findRoles } from '../../access/roles/store.ts'
import { listEnabled } from '../../identity/providers/store.ts'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { requireVersion } from '../../platform/base/conflict.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import { appendChange } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { type Actor, actorOf, type Caller, type RequestInfo } from '../../platform/http/request.ts'
import { readPolicies, writePolicies } from '../../platform/policies/store.ts'
import { weakenedBy } from './weakened.ts'

export interface SettingsContext {
  db: Db
  reader: Db
  clock: Clock
  enforcers: Enforcers
}

/**
 * Changes the given groups. The contract admits administrators only, and the transaction checks again that the caller still is
 * one. The bounds of the contract keep every policy usable: an administrator whom a policy requires to have a second factor can
 * always enrol, and a session lasts long enough to undo a change.
 */
export async function changePolicies(
  { db, clock, enforcers }: SettingsContext,
  { changes, caller, request }: { changes: SettingsUpdate; caller: Caller; request: RequestInfo },
): Promise<Answer<typeof settings.update>> {
  const { policies, sequences } = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const before = await readPolicies(trx)
    requireVersion(request.ifMatch, before.version)
    const after = applied(before, changes)
    await requireRoles(trx, after.mfa.roles)
    await requireOtherWay(trx, { before, after })
    await write(trx, clock, { before, after, actor: actorOf(caller, request) })
    const isForBroker = concernsBroker({ before, after })
    return {
      policies: after,
      sequences: isForBroker ? [await appendChange(trx, clock, { kind: 'policy', ids: null })] : [],
    }
  })
  return { ...policies, ...(await enforcers.waitFor(sequences)) }
}

function concernsBroker({ before, after }: Pick<Change, 'before' | 'after'>): boolean {
  if (before.crl.whenExpired !== after.crl.whenExpired) return true
  return before.certificates.clockSkewMinutes !== after.certificates.clockSkewMinutes
}

/**
 * Removes a deleted role from the policies. A policy that names a missing role would be refused at every later change. This
 * changes a policy, so the caller must be an administrator.
 */
export async function forgetRole(
  trx: Trx,
  clock: Clock,
  { roleId, caller, request }: { roleId: string; caller: Caller; request: RequestInfo },
): Promise<void> {
  const before = await readPolicies(trx)
  if (!before.mfa.roles.includes(roleId)) return
  if (!coversAll(caller.permissions, everything)) throw new Problem('above_caller')
  const mfa = { ...before.mfa, roles: before.mfa.roles.filter((id) => id !== roleId) }
  await write(trx, clock, { before, after: applied(before, { mfa }), actor: actorOf(caller, request) })
}

interface Change {
  before: Settings
  after: Settings
  actor: Actor
}

async function write(trx: Trx, clock: Clock, { before, after, actor }: Change): Promise<void> {
  await writePolicies(trx, after)
  const weakened = weakenedBy(before, after)
  await recordEvent(trx, clock, {
    action: weakened.length > 0 ? 'settings.weakened' : 'settings.updated',
    actor,
    target: auditTarget.policies,
    before: factsOf(before),
    after: { ...factsOf(after), ...(weakened.length > 0 && { weakened }) },
  })
}

function applied(before: Settings, changes: SettingsUpdate): Settings {
  const { password, session, throttle, mfa, audit, decisions, crl } = changes
  const { clientCertificates, certificates, signIn } = changes
  return {
    password: password ?? before.password,
    session: session ?? before.session,
    throttle: throttle ?? before.throttle,
    mfa: mfa ?? before.mfa,
    audit: audit ?? before.audit,
    decisions: decisions ?? before.decisions,
    crl: crl ?? before.crl,
    clientCertificates: clientCertificates ?? before.clientCertificates,
    certificates: certificates ?? before.certificates,
    signIn: signIn ?? before.signIn,
    version: before.version + 1,
  }
}

async function requireRoles(trx: Trx, wanted: readonly string[]): Promise<void> {
  const found = await findRoles(trx, wanted)
  const missing = wanted.findIndex((id) => !found.some((role) => role.id === id))
  if (missing >= 0) throw new Problem('unknown_role', { fields: { [`mfa.roles.${missing}`]: 'unknown_role' } })
}

/** Passwords are turned off only where another way in exists. An administrator can always turn them on again. */
async function requireOtherWay(trx: Trx, { before, after }: Pick<Change, 'before' | 'after'>): Promise<void> {
  const isNew = after.signIn.passwordsOfAdministratorsOnly && !before.signIn.passwordsOfAdministratorsOnly
  if (!isNew || (await listEnabled(trx, 'oidc')).length > 0) return
  throw new Problem('unknown_provider', { fields: { 'signIn.passwordsOfAdministratorsOnly': 'not_found' } })
}

function factsOf({ version: _version, ...policies }: Settings) {
  return policies
}
