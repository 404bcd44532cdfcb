/** Admission rules as the API shows them. */
import type { AdmissionRule } from '@gatehouse/contract/brokers/admission-rules'
import { type AdmissionRule as DecidedRule, problemOf } from '../../access/decision/admission.ts'
import { findRoles } from '../../access/roles/store.ts'
import { findAuthorities } from '../../certificates/authorities/store.ts'
import { usersById } from '../../identity/users/lookup-store.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import { describeRules } from './facts.ts'
import { countLastHour, findRule, type RuleRecord } from './store.ts'

interface PresentContext {
  reader: Db
  clock: Clock
}

export async function presentRules(
  { reader, clock }: PresentContext,
  records: readonly RuleRecord[],
): Promise<AdmissionRule[]> {
  if (records.length === 0) return []
  const now = clock.now()
  const decided = new Map((await describeRules(reader, records, now)).map((rule) => [rule.id, rule]))
  const names = await readNames(reader, records)
  const lastHour = await countLastHour(reader, now)
  return records.map((record) => present(record, { names, decided: decided.get(record.id), lastHour, now }))
}

export async function presentRule(context: PresentContext, id: string): Promise<AdmissionRule> {
  const record = await findRule(context.reader, id)
  const [presented] = record ? await presentRules(context, [record]) : []
  if (!presented) throw new Problem('not_found')
  return presented
}

interface Names {
  /** By fingerprint. Only those that are trusted for clients. */
  authorities: ReadonlyMap<string, string>
  roles: ReadonlyMap<string, string>
  users: ReadonlyMap<string, string>
}

async function readNames(reader: Db, records: readonly RuleRecord[]): Promise<Names> {
  const authorities = await findAuthorities(reader, [...new Set(records.map(({ authority }) => authority))])
  const roles = await findRoles(reader, [...new Set(records.flatMap((record) => record.roles))])
  const users = await usersById(reader, [...new Set(records.map(({ authorId }) => authorId))])
  const trusted = authorities.filter(({ withdrawnAt }) => withdrawnAt === null)
  return {
    authorities: new Map(trusted.map(({ certificate, name }) => [certificate.fingerprint, name])),
    roles: new Map(roles.map(({ id, name }) => [id, name])),
    users: new Map(users.map(({ id, username }) => [id, username])),
  }
}

interface Facts {
  names: Names
  decided: DecidedRule | undefined
  lastHour: ReadonlyMap<string, number>
  now: Date
}

function present(record: RuleRecord, { names, decided, lastHour, now }: Facts): AdmissionRule {
  const { authorId, enabledAt, ...settings } = record
  const username = names.users.get(authorId)
  return {
    ...settings,
    enabled: enabledAt !== null,
    authorityName: names.authorities.get(record.authority) ?? null,
    roleNames: record.roles.map((id) => names.roles.get(id) ?? null),
    author: username === undefined ? null : { id: authorId, username },
    admittedLastHour: lastHour.get(record.id) ?? 0,
    problem: decided ? problemOf(decided, now) : null,
  }
}
