/** Admission rules, and what they have admitted. */
import type { Selectable } from 'kysely'
import { type Clock, later, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { AdmissionRulesTable } from '../../platform/db/schema-admission.ts'

const hourMs = 60 * 60_000

/** A rule as it is stored. */
export interface RuleRecord {
  id: string
  name: string
  authority: string
  usernames: string[]
  roles: string[]
  authorId: string
  maxPerHour: number
  maxTotal: number
  /** Null: off. */
  enabledAt: string | null
  admitted: number
  createdAt: string
  version: number
}

/** In the order in which they were made, which is the order in which they are asked. */
export async function listRules(db: Db): Promise<RuleRecord[]> {
  const rows = await db.selectFrom('admission_rules').selectAll().orderBy('created_at').orderBy('id').execute()
  return rows.map(toRecord)
}

export async function findRule(db: Db, id: string): Promise<RuleRecord | null> {
  const row = await db.selectFrom('admission_rules').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toRecord(row) : null
}

export async function insertRule(trx: Trx, rule: RuleRecord): Promise<void> {
  await trx.insertInto('admission_rules').values(toRow(rule)).execute()
}

/** What it has admitted stays as it is. */
export async function updateRule(trx: Trx, rule: RuleRecord): Promise<void> {
  const { admitted: _, ...row } = toRow(rule)
  await trx.updateTable('admission_rules').set(row).where('id', '=', rule.id).execute()
}

export async function deleteRule(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('admission_rules').where('id', '=', id).execute()
}

/** Counts a device that the rule admitted. */
export async function insertAdmission(
  trx: Trx,
  clock: Clock,
  { ruleId, userId }: { ruleId: string; userId: string },
): Promise<void> {
  const row = { id: newId(clock.now()), rule_id: ruleId, user_id: userId, at: timestamp(clock) }
  await trx.insertInto('admissions').values(row).execute()
  await trx
    .updateTable('admission_rules')
    .set((e) => ({ admitted: e('admitted', '+', 1) }))
    .where('id', '=', ruleId)
    .execute()
}

/** How many devices each rule admitted in the last hour. Times in the future come from a wrong clock and do not count. */
export async function countLastHour(db: Db, now: Date): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('admissions')
    .select(['rule_id', (e) => e.fn.countAll<number | string>().as('count')])
    .where('at', '>', later(now, -hourMs))
    .where('at', '<=', now.toISOString())
    .groupBy('rule_id')
    .execute()
  return new Map(rows.map(({ rule_id, count }) => [rule_id, Number(count)]))
}

/** Until when the rule has admitted all that it may admit in an hour. Null: it may admit another one. */
export async function hourFullUntil(db: Db, { id, maxPerHour }: RuleRecord, now: Date): Promise<Date | null> {
  const row = await db
    .selectFrom('admissions')
    .select('at')
    .where('rule_id', '=', id)
    .where('at', '>', later(now, -hourMs))
    .where('at', '<=', now.toISOString())
    .orderBy('at', 'desc')
    .limit(1)
    .offset(maxPerHour - 1)
    .executeTakeFirst()
  return row ? new Date(Date.parse(row.at) + hourMs) : null
}

/** How many devices were admitted since then, RFC 3339. */
export async function countAdmissionsSince(db: Db, since: string): Promise<number> {
  const { count } = await db
    .selectFrom('admissions')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('at', '>=', since)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function deleteAdmissionsBefore(trx: Trx, before: string): Promise<void> {
  await trx.deleteFrom('admissions').where('at', '<', before).execute()
}

function toRecord(row: Selectable<AdmissionRulesTable>): RuleRecord {
  return {
    id: row.id,
    name: row.name,
    authority: row.authority,
    usernames: JSON.parse(row.usernames) as string[],
    roles: JSON.parse(row.roles) as string[],
    authorId: row.author_id,
    maxPerHour: row.max_per_hour,
    maxTotal: row.max_total,
    enabledAt: row.enabled_at,
    admitted: row.admitted,
    createdAt: row.created_at,
    version: row.version,
  }
}

function toRow(rule: RuleRecord): Selectable<AdmissionRulesTable> {
  return {
    id: rule.id,
    name: rule.name,
    name_folded: rule.name.toLowerCase(),
    authority: rule.authority,
    usernames: JSON.stringify(rule.usernames),
    roles: JSON.stringify(rule.roles),
    author_id: rule.authorId,
    max_per_hour: rule.maxPerHour,
    max_total: rule.maxTotal,
    enabled_at: rule.enabledAt,
    admitted: rule.admitted,
    created_at: rule.createdAt,
    version: rule.version,
  }
}
