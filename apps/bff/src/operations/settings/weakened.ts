/** Finds the policies that a change makes weaker. The audit names them, so that a reader need not compare the values. */
import type { Settings } from '@gatehouse/contract/operations/settings'
import type { Policies } from '../../platform/policies/store.ts'

type Rule = (before: Policies, after: Policies) => boolean

/** For each policy: does it protect less after the change? A policy without a rule does not compile. */
const rules: { [G in keyof Policies]: { [F in keyof Policies[G]]: Rule } } = {
  password: {
    min: lower((p) => p.password.min),
    minWithFactor: lower((p) => p.password.minWithFactor),
    lower: lower((p) => p.password.lower),
    upper: lower((p) => p.password.upper),
    numeric: lower((p) => p.password.numeric),
    symbol: lower((p) => p.password.symbol),
    blocklist: (before, after) => before.password.blocklist && !after.password.blocklist,
  },
  session: {
    idleMinutes: higher((p) => p.session.idleMinutes),
    absoluteHours: higher((p) => p.session.absoluteHours),
  },
  throttle: {
    freeFailures: higher((p) => p.throttle.freeFailures),
    firstWaitSeconds: lower((p) => p.throttle.firstWaitSeconds),
    longestWaitMinutes: lower((p) => p.throttle.longestWaitMinutes),
  },
  mfa: {
    requiredFor: (before, after) => reach[after.mfa.requiredFor] < reach[before.mfa.requiredFor],
    // The list of roles matters only while the policy is `roles`.
    roles: ({ mfa: before }, { mfa: after }) =>
      before.requiredFor === 'roles' &&
      after.requiredFor === 'roles' &&
      before.roles.some((id) => !after.roles.includes(id)),
  },
  audit: { keepDays: lower((p) => p.audit.keepDays ?? Infinity) },
  decisions: { keepDays: lower((p) => p.decisions.keepDays) },
  crl: { whenExpired: (before, after) => before.crl.whenExpired === 'refuse' && after.crl.whenExpired === 'accept' },
  clientCertificates: { maxDays: higher((p) => p.clientCertificates.maxDays) },
  certificates: { clockSkewMinutes: higher((p) => p.certificates.clockSkewMinutes) },
  signIn: {
    passwordsOfAdministratorsOnly: (before, after) =>
      before.signIn.passwordsOfAdministratorsOnly && !after.signIn.passwordsOfAdministratorsOnly,
  },
}

const reach: Record<Settings['mfa']['requiredFor'], number> = { nobody: 0, roles: 1, everyone: 2 }

/** Returns paths as in a request body: `password.min`. */
export function weakenedBy(before: Policies, after: Policies): string[] {
  return Object.entries(rules).flatMap(([group, fields]) =>
    Object.entries<Rule>(fields).flatMap(([field, isWeaker]) => (isWeaker(before, after) ? [`${group}.${field}`] : [])),
  )
}

function lower(read: (policies: Policies) => number): Rule {
  return (before, after) => read(after) < read(before)
}

function higher(read: (policies: Policies) => number): Rule {
  return (before, after) => read(after) > read(before)
}
