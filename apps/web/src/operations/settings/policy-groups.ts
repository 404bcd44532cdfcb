/** The policies that are numbers, in the order of the page; the unit is in the label. */

import { policyBounds, type Settings } from '@gatehouse/contract/operations/settings'
import { t } from '@lingui/core/macro'
import { formatNumber } from '../../messages/format.ts'
import type { policyNames } from './policy-words.ts'

export type PolicyValues = Omit<Settings, 'version'>

interface PolicyField {
  /** In the form, and in the body that is sent. */
  path: keyof typeof policyNames
  description?: string
}

export interface PolicyGroup {
  title: string
  /** For whom, and from when on. */
  note: string
  fields: readonly (PolicyField & { bounds: readonly [number, number] })[]
  switches?: readonly PolicyField[]
}

const { password, session, throttle, decisions, clientCertificates, certificates } = policyBounds

export const policyGroups: readonly PolicyGroup[] = [
  {
    title: t`Passwords`,
    note: t`For new passwords. Existing passwords stay valid.`,
    fields: [
      {
        path: 'password.min',
        bounds: password.min,
        description: t`Length beats complexity: 15 or more.`,
      },
      {
        path: 'password.minWithFactor',
        bounds: password.minWithFactor,
        description: t`Minimum length for users with MFA. At most the minimum length without.`,
      },
      { path: 'password.lower', bounds: password.lower },
      { path: 'password.upper', bounds: password.upper },
      { path: 'password.numeric', bounds: password.numeric },
      { path: 'password.symbol', bounds: password.symbol },
    ],
    switches: [{ path: 'password.blocklist' }],
  },
  {
    title: t`Signing in`,
    note: t`Needs an OpenID Connect provider. Passwords over MQTT are not affected.`,
    fields: [],
    switches: [
      {
        path: 'signIn.passwordsOfAdministratorsOnly',
        description: t`All other users, also those of a directory, sign in at an OpenID Connect provider. An administrator opens the console with #password at the end of its address.`,
      },
    ],
  },
  {
    title: t`Console sessions`,
    note: t`Applies to open sessions too, including yours. A session over a limit ends at its next request.`,
    fields: [
      { path: 'session.idleMinutes', bounds: session.idleMinutes },
      { path: 'session.absoluteHours', bounds: session.absoluteHours },
    ],
  },
  {
    title: t`Wrong passwords and codes`,
    note: t`Counted for each user and address, separately for passwords and codes, on MQTT too. Each further wrong attempt doubles the wait.`,
    fields: [
      { path: 'throttle.freeFailures', bounds: throttle.freeFailures },
      {
        path: 'throttle.firstWaitSeconds',
        bounds: throttle.firstWaitSeconds,
      },
      {
        path: 'throttle.longestWaitMinutes',
        bounds: throttle.longestWaitMinutes,
      },
    ],
  },
  {
    title: t`Client certificates`,
    note: t`For certificates issued here from now on. They expire with the built-in CA at the latest.`,
    fields: [
      {
        path: 'clientCertificates.maxDays',
        bounds: clientCertificates.maxDays,
      },
    ],
  },
  {
    title: t`Clocks of other CAs`,
    note: t`A certificate or CRL that becomes valid within this time counts as valid now. The end of validity never changes.`,
    fields: [
      {
        path: 'certificates.clockSkewMinutes',
        bounds: certificates.clockSkewMinutes,
      },
    ],
  },
  {
    title: t`Broker decisions`,
    note: t`How long the history of decisions is kept. The oldest entries are deleted earlier if there are too many.`,
    fields: [{ path: 'decisions.keepDays', bounds: decisions.keepDays }],
  },
]

/** "8 to 64." */
export function boundsWords([from, to]: readonly [number, number]): string {
  return t`${formatNumber(from)} to ${formatNumber(to)}.`
}
