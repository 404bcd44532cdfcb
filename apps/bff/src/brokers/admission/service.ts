/** Creates, changes and deletes admission rules. */
import type { admissionRules, AdmissionRule as PresentedRule } from '@gatehouse/contract/brokers/admission-rules'
import { maxAdmissionRules } from '@gatehouse/contract/brokers/admission-rules'
import type { Parsed } from '@gatehouse/contract/route'
import { givesConsoleRights } from '../../access/decision/admission.ts'
import { findRoles } from '../../access/roles/store.ts'
import { trustedAmong } from '../../certificates/authorities/store.ts'
import { requireGivable, requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { orTaken, requireVersion } from '../../platform/base/conflict.ts'
import { newId } from '../../platform/base/id.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import { appendChange } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { type Actor, actorOf, type By } from '../../platform/http/request.ts'
import { presentRule } from './present.ts'
import { deleteRule, findRule, insertRule, listRules, type RuleRecord, updateRule } from './store.ts'

export interface AdmissionContext {
  db: Db
  reader: Db
  clock: Clock
  enforcers: Enforcers
}

type Create = Parsed<typeof admissionRules.create>['body']
type Update = Parsed<typeof admissionRules.update>['body']

export async function createRule(context: AdmissionContext, body: Create, by: By): Promise<PresentedRule> {
  const { db, clock, enforcers } = context
  const rule = newRule(body, clock, by.caller.userId)
  const sequence = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, by.caller)
    await requireGivableRule(trx, rule, by)
    return insertNewRule(trx, clock, { rule, actor: actorOf(by.caller, by.request) })
  })
  await enforcers.waitFor([sequence])
  return presentRule(context, rule.id)
}

/** Inserts a rule with its event and its change. The caller has checked all rights. Returns the sequence of the change. */
export async function insertNewRule(
  trx: Trx,
  clock: Clock,
  { rule, actor }: { rule: RuleRecord; actor: Actor },
): Promise<number> {
  if ((await listRules(trx)).length >= maxAdmissionRules) throw new Problem('too_many_admission_rules')
  await orTaken(insertRule(trx, rule), nameTaken)
  await recordEvent(trx, clock, {
    action: 'admission-rule.created',
    actor,
    target: auditTarget.admissionRule(rule),
    after: await auditFactsOf(trx, rule),
  })
  return appendChange(trx, clock, { kind: 'admission', ids: [rule.id] })
}

export async function updateRuleBy(
  context: AdmissionContext,
  { id, changes, caller, request }: By & { id: string; changes: Update },
): Promise<PresentedRule> {
  const { db, clock, enforcers } = context
  const sequence = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const before = await requireChangeable(trx, id, request)
    const isGiving = isGift(changes)
    const after = applied(before, changes, clock)
    // The caller answers for all that the rule gives from now on.
    if (isGiving) after.authorId = caller.userId
    if (isGiving) await requireGivableRule(trx, after, { caller, request })
    await orTaken(updateRule(trx, after), nameTaken)
    await recordEvent(trx, clock, {
      action: 'admission-rule.updated',
      actor: actorOf(caller, request),
      target: auditTarget.admissionRule(after),
      before: await auditFactsOf(trx, before),
      after: await auditFactsOf(trx, after),
    })
    return appendChange(trx, clock, { kind: 'admission', ids: [id] })
  })
  await enforcers.waitFor([sequence])
  return presentRule(context, id)
}

export async function removeRule(
  { db, clock, enforcers }: AdmissionContext,
  { id, caller, request }: By & { id: string },
): Promise<void> {
  const sequence = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const rule = await requireChangeable(trx, id, request)
    const before = await auditFactsOf(trx, rule)
    await deleteRule(trx, id)
    await recordEvent(trx, clock, {
      action: 'admission-rule.deleted',
      actor: actorOf(caller, request),
      target: auditTarget.admissionRule(rule),
      before,
    })
    return appendChange(trx, clock, { kind: 'admission', ids: [id] })
  })
  await enforcers.waitFor([sequence])
}

/**
 * Does the change give something? One that only turns the rule off or renames it gives nothing, so anyone who may change rules may make
 * it. A change of nothing takes the responsibility over.
 */
function isGift({ name, enabled, ...others }: Update): boolean {
  const isLess = name !== undefined || enabled === false
  return !isLess || enabled === true || Object.values(others).some((value) => value !== undefined)
}

async function requireChangeable(trx: Trx, id: string, request: By['request']): Promise<RuleRecord> {
  const rule = await findRule(trx, id)
  if (!rule) throw new Problem('not_found')
  requireVersion(request.ifMatch, rule.version)
  return rule
}

/** The rule gives its roles to devices in the caller's name: the caller must hold all of it, and none of it counts in the console. */
async function requireGivableRule(trx: Trx, { authority, roles }: RuleRecord, { caller }: By): Promise<void> {
  if (!(await trustedAmong(trx, [authority])).has(authority)) {
    throw new Problem('unknown_authority', { fields: { authority: 'unknown_authority' } })
  }
  await requireGivable(trx, caller, { roles, permissions: [] })
  const forConsole = (await findRoles(trx, roles)).find(({ permissions }) => givesConsoleRights(permissions))
  if (!forConsole) return
  const field = `roles.${roles.indexOf(forConsole.id)}`
  throw new Problem('console_role', { fields: { [field]: 'console_role' } })
}

export function newRule({ enabled, ...settings }: Create, clock: Clock, authorId: string): RuleRecord {
  const at = timestamp(clock)
  return {
    ...settings,
    roles: [...new Set(settings.roles)],
    id: newId(clock.now()),
    authorId,
    enabledAt: enabled ? at : null,
    admitted: 0,
    createdAt: at,
    version: 1,
  }
}

function applied(rule: RuleRecord, { enabled, ...changes }: Update, clock: Clock): RuleRecord {
  const enabledAt = enabled === undefined ? rule.enabledAt : enabled ? (rule.enabledAt ?? timestamp(clock)) : null
  return {
    ...rule,
    name: changes.name ?? rule.name,
    authority: changes.authority ?? rule.authority,
    usernames: changes.usernames ?? rule.usernames,
    roles: changes.roles ? [...new Set(changes.roles)] : rule.roles,
    maxPerHour: changes.maxPerHour ?? rule.maxPerHour,
    maxTotal: changes.maxTotal ?? rule.maxTotal,
    enabledAt,
    version: rule.version + 1,
  }
}

async function auditFactsOf(db: Db, rule: RuleRecord) {
  const { name, authority, usernames, maxPerHour, maxTotal, enabledAt } = rule
  const roles = await findRoles(db, rule.roles)
  const nameOf = (id: string) => roles.find((role) => role.id === id)?.name ?? id
  return {
    name,
    authority,
    usernames,
    roles: rule.roles.map(nameOf),
    maxPerHour,
    maxTotal,
    enabled: enabledAt !== null,
  }
}

function nameTaken(): Problem {
  return new Problem('name_taken', { fields: { name: 'name_taken' } })
}
