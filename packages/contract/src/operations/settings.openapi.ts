/** Examples of the policies. */
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    idleMinutes: 30,
    absoluteHours: 12,
    freeFailures: 5,
    firstWaitSeconds: 30,
    longestWaitMinutes: 15,
    requiredFor: 'roles',
    keepDays: 365,
    'DecisionPolicy.keepDays': 14,
    maxDays: 397,
    clockSkewMinutes: 5,
    passwordsOfAdministratorsOnly: false,
  },
  bodies: {
    'settings.update': {
      'Require a second factor of everyone': { mfa: { requiredFor: 'everyone', roles: [] } },
      'Shorter sessions': { session: { idleMinutes: 10, absoluteHours: 8 } },
    },
  },
}
