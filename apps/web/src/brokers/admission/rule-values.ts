/** An admission rule as its form holds it. The names are those of the API, so that its field errors find their fields. */
import type {
  AdmissionRule,
  AdmissionRuleCreate,
  AdmissionRuleUpdate,
} from '@gatehouse/contract/brokers/admission-rules'

export interface RuleValues {
  name: string
  authority: string
  usernames: string[]
  roles: string[]
  maxPerHour: number
  maxTotal: number
  enabled: boolean
}

export const blank: RuleValues = {
  name: '',
  authority: '',
  usernames: [],
  roles: [],
  maxPerHour: 100,
  maxTotal: 1_000,
  enabled: false,
}

export function toValues(rule: AdmissionRule): RuleValues {
  const { name, authority, usernames, roles, maxPerHour, maxTotal, enabled } = rule
  return { name, authority, usernames, roles, maxPerHour, maxTotal, enabled }
}

export function toBody(values: RuleValues): AdmissionRuleCreate {
  return { ...values, name: values.name.trim() }
}

/** What was changed: turning a rule off must not make the person responsible for what it gives. */
export function toChanges(rule: AdmissionRule, values: RuleValues): AdmissionRuleUpdate {
  const before = toValues(rule)
  const changed = Object.entries(toBody(values)).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof RuleValues]),
  )
  return Object.fromEntries(changed)
}

/** A pattern for the devices that are named like this one: its digits may be others. */
export function patternFor(username: string): string {
  return username.replace(/\d+/g, '*')
}
