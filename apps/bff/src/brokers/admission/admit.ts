/**
 * Creates the user of a device that a rule admits. The broker's thread has judged the device; this transaction judges it again by the facts
 * that it finds, because rules, roles, CAs and users may have changed since, also in another process.
 */
import { Username } from '@gatehouse/contract/identity/users'
import { type AdmissionRefusal, type AdmissionRule, judgeAdmission } from '../../access/decision/admission.ts'
import { trustedAmong } from '../../certificates/authorities/store.ts'
import { auditFactsOf } from '../../identity/users/audit-facts.ts'
import { insertUsers, type NewUser } from '../../identity/users/insert-store.ts'
import { findUser } from '../../identity/users/store.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import { appendChange } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { readFacts } from './facts.ts'
import { insertAdmission } from './store.ts'

/** A device that the broker judged, and the rule that it was judged by. */
export interface AdmittedDevice {
  username: string
  ruleId: string
  /** Fingerprint of the CA that the rule names. */
  authority: string
  /** Of the client's own certificate. */
  fingerprint: string
  address: string
}

/** `admitted`: a user of this name exists now. `admission_busy`: another rule fits now; the broker judges again when the device comes back. */
export type AdmitResult = { reason: null } | { reason: AdmissionRefusal | 'unknown_authority' | 'admission_busy' }

interface AdmitContext {
  db: Db
  reader: Db
  clock: Clock
}

export async function admitDevice(context: AdmitContext, device: AdmittedDevice): Promise<AdmitResult> {
  const { db, reader, clock } = context
  if (!Username.safeParse(device.username).success) return { reason: 'unknown_user' }
  // Before the transaction: a device that is refused must not take the writers' turn.
  const early = await judge(reader, device, clock.now())
  if ('reason' in early) return early
  return db.transaction().execute(async (trx) => {
    const judged = await judge(trx, device, clock.now())
    if ('reason' in judged) return judged
    await createUser(trx, clock, { device, rule: judged.rule })
    return { reason: null }
  })
}

async function judge(db: Db, device: AdmittedDevice, now: Date): Promise<AdmitResult | { rule: AdmissionRule }> {
  const { username, authority, ruleId } = device
  const { facts, user } = await readFacts(db, username, now)
  if (user) return { reason: null }
  if (!(await trustedAmong(db, [authority])).has(authority)) return { reason: 'unknown_authority' }
  const { rule, reason } = judgeAdmission({ username, authorities: [authority] }, facts)
  if (!rule) return { reason }
  return rule.id === ruleId ? { rule } : { reason: 'admission_busy' }
}

async function createUser(
  trx: Trx,
  clock: Clock,
  { device, rule }: { device: AdmittedDevice; rule: AdmissionRule },
): Promise<void> {
  const { username, address, fingerprint, authority } = device
  const created = newDevice(username, rule, clock)
  await insertUsers(trx, [created])
  await insertAdmission(trx, clock, { ruleId: rule.id, userId: created.id })
  await appendChange(trx, clock, { kind: 'user', ids: [created.id] })
  const user = await findUser(trx, created.id)
  if (!user) throw new Error('A user that was just written is not there')
  await recordEvent(trx, clock, {
    action: 'user.admitted',
    actor: { userId: null, username: null, via: 'system', address },
    target: auditTarget.user(user),
    after: { ...auditFactsOf(user), admissionRule: rule.name, authority, fingerprint },
  })
}

function newDevice(username: string, { roles }: AdmissionRule, clock: Clock): NewUser {
  return {
    id: newId(clock.now()),
    username,
    displayName: null,
    kind: 'machine',
    identityProvider: 'local',
    grantTypes: [{ method: 'certificate', isRequired: false }],
    roles: [...new Set(roles)],
    permissions: [],
    mqttPublishPrefix: null,
    tags: [],
    passwordHash: null,
    mustChangePassword: false,
    mfaRequired: false,
    disabledAt: null,
    createdAt: timestamp(clock),
    version: 1,
  }
}
