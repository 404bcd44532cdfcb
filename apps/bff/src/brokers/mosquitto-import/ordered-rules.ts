/**
 * Mosquitto asks rules in their order, and the first one that matches a topic decides. Gatehouse has only permissions: a topic is
 * allowed if one of them matches. This turns the one into the other.
 */
import { covers, intersect } from '@gatehouse/contract/access/topic'
import type { Judging } from './draft.ts'
import type { Place } from './findings.ts'

export interface Rule {
  allow: boolean
  /** A valid topic filter. */
  filter: string
  place: Place
}

export interface Judged<R extends Rule> {
  /** Together they allow exactly what the rules allow, apart from what is withheld. */
  granted: R[]
  /** Rules that allow more than an earlier rule leaves of them. No list of filters expresses the rest. */
  withheld: { rule: R; deniedBy: R }[]
}

/**
 * Rules of one user that are compared with each other. Beyond that, one user would block the event loop for seconds: everything that
 * is allowed is then withheld, unless nothing is denied.
 */
const mostCompared = 1_000

/** The rules are in the order in which Mosquitto asks them. */
export function judgeInOrder<R extends Rule>(rules: readonly R[]): Judged<R> {
  const judged: Judged<R> = { granted: [], withheld: [] }
  const denies = rules.flatMap((rule, at) => (rule.allow ? [] : [{ rule, at }]))
  const [firstDeny] = denies
  for (const [at, rule] of rules.entries()) {
    if (!rule.allow) continue
    if (firstDeny && rules.length > mostCompared) {
      judged.withheld.push({ rule, deniedBy: firstDeny.rule })
      continue
    }
    const earlier = denies.filter((deny) => deny.at < at && touches(rules, deny, rule))
    const [first] = earlier
    if (!first) judged.granted.push(rule)
    // Denied as a whole: it never had an effect of its own.
    else if (!earlier.some((deny) => covers(deny.rule.filter, rule.filter))) {
      judged.withheld.push({ rule, deniedBy: first.rule })
    }
  }
  return judged
}

/** Does this deny take something from the later rule that no rule before the deny has allowed? */
function touches(rules: readonly Rule[], deny: { rule: Rule; at: number }, later: Rule): boolean {
  const common = intersect(deny.rule.filter, later.filter)
  if (common === null) return false
  return !rules.slice(0, deny.at).some((rule) => rule.allow && covers(rule.filter, common))
}

/** The rules that are granted, by the choice of the caller. Lists both rules of each conflict. */
export function grantInOrder<R extends Rule>(rules: readonly R[], username: string, judging: Judging): R[] {
  const { findings, underDeny } = judging
  const { granted, withheld } = judgeInOrder(rules)
  const code = underDeny === 'grant' ? 'deny_ignored' : 'deny_under_allow'
  for (const { rule, deniedBy } of withheld) {
    findings.add(code, rule.place, username)
    findings.add(code, deniedBy.place, username)
  }
  return underDeny === 'grant' ? [...granted, ...withheld.map(({ rule }) => rule)] : granted
}
