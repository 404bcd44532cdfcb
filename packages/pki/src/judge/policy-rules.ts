// Rule: this server requires no policy (the initial set of RFC 5280 §6.1.1 c is any-policy), but an authority may
// require that certificates below it have one (requireExplicitPolicy). Ignoring that would accept a path that RFC 5280
// refuses.
// RFC 9618 replaces the policy tree of RFC 5280, which a hostile chain can make exponential. The set of valid policies
// is empty exactly if the last level of its graph is, so only that level is kept: at most 64 policies per certificate.
import type { ParsedCertificate } from '../read/parsed-certificate.ts'
import {
  hasPolicyRules,
  type Policies,
  type PolicyConstraints,
  readPolicies,
  readPolicyConstraints,
} from '../read/policy-extensions.ts'

const anyPolicy = '2.5.29.32.0'

/**
 * For each policy that is valid so far, the names by which the next certificate may use it. Null: no policy is valid.
 */
type Level = ReadonlyMap<string, readonly string[]> | null

/**
 * Returns true if a policy is required on this path (leaf first) and missing, or if the policy extensions are
 * malformed.
 */
export function breaksPolicies(path: readonly ParsedCertificate[]): boolean {
  if (!path.some(({ fields }) => hasPolicyRules(fields))) return false
  try {
    return !hasPolicy(path.toReversed())
  } catch {
    return true // malformed: the required policy is not known
  }
}

/** RFC 5280 §6.1.2 to §6.1.5, from the anchor down. Throws `DerError`. */
function hasPolicy([anchor, ...certificates]: readonly ParsedCertificate[]): boolean {
  let counters = startingCounters(anchor, certificates.length)
  let level: Level = new Map([[anyPolicy, [anyPolicy]]])
  for (const [index, { fields, isSelfIssued }] of certificates.entries()) {
    const isLeaf = index === certificates.length - 1
    const { asserted, mappings } = readPolicies(fields)
    level = descend(level, asserted, counters.inhibitAnyPolicy > 0 || (isSelfIssued && !isLeaf))
    if (level === null && counters.requireExplicitPolicy === 0) return false
    if (!isLeaf && mapsAnyPolicy(mappings)) return false
    if (!isLeaf) level = rename(level, mappings, counters.inhibitPolicyMapping > 0)
    // RFC 5280 §6.1.4 h to j, §6.1.5 a and b.
    if (isLeaf || !isSelfIssued) counters = countDown(counters)
    counters = tighten(counters, readPolicyConstraints(fields))
  }
  return level !== null || counters.requireExplicitPolicy > 0
}

/** How many more certificates follow before each rule applies. At 0 it applies. */
type Counters = Record<keyof PolicyConstraints, number>

// RFC 5280 uses only name and key of an anchor. Its policy constraints are obeyed here, like its other constraints.
function startingCounters(anchor: ParsedCertificate | undefined, length: number): Counters {
  const never = length + 1
  const counters = { requireExplicitPolicy: never, inhibitPolicyMapping: never, inhibitAnyPolicy: never }
  return anchor ? tighten(counters, readPolicyConstraints(anchor.fields)) : counters
}

function tighten(counters: Counters, constraints: PolicyConstraints): Counters {
  const lower = (name: keyof Counters) => Math.min(counters[name], constraints[name] ?? Number.POSITIVE_INFINITY)
  return {
    requireExplicitPolicy: lower('requireExplicitPolicy'),
    inhibitPolicyMapping: lower('inhibitPolicyMapping'),
    inhibitAnyPolicy: lower('inhibitAnyPolicy'),
  }
}

function countDown({ requireExplicitPolicy, inhibitPolicyMapping, inhibitAnyPolicy }: Counters): Counters {
  return {
    requireExplicitPolicy: Math.max(requireExplicitPolicy - 1, 0),
    inhibitPolicyMapping: Math.max(inhibitPolicyMapping - 1, 0),
    inhibitAnyPolicy: Math.max(inhibitAnyPolicy - 1, 0),
  }
}

/** RFC 9618 §5.3 within RFC 5280 §6.1.3 d and e: the policies that the next certificate keeps valid. */
function descend(level: Level, asserted: readonly string[] | null, mayBeAny: boolean): Level {
  if (level === null || asserted === null) return null
  const expected = new Set([...level.values()].flat())
  const named = asserted.filter((policy) => policy !== anyPolicy && (expected.has(policy) || level.has(anyPolicy)))
  const carried = asserted.includes(anyPolicy) && mayBeAny ? [...expected] : []
  return orNull(new Map([...carried, ...named].map((policy) => [policy, [policy]])))
}

/** RFC 5280 §6.1.4 a. */
function mapsAnyPolicy(mappings: Policies['mappings']): boolean {
  return mappings.has(anyPolicy) || [...mappings.values()].flat().includes(anyPolicy)
}

/** RFC 5280 §6.1.4 b: the names by which the next certificate may use these policies. */
function rename(level: Level, mappings: Policies['mappings'], isAllowed: boolean): Level {
  if (level === null) return null
  const renamed = new Map(level)
  for (const [policy, mapped] of mappings) {
    if (!isAllowed) renamed.delete(policy)
    else if (level.has(policy) || level.has(anyPolicy)) renamed.set(policy, mapped)
  }
  return orNull(renamed)
}

function orNull(level: ReadonlyMap<string, readonly string[]>): Level {
  return level.size === 0 ? null : level
}
