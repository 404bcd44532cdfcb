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
    note: t`For passwords that are set from now on. Those that there are stay good.`,
    fields: [
      {
        path: 'password.min',
        bounds: password.min,
        description: t`Long does more than mixed: 15 or more.`,
      },
      {
        path: 'password.minWithFactor',
        bounds: password.minWithFactor,
        description: t`The least length for users who have set one up; never more than without.`,
      },
      { path: 'password.lower', bounds: password.lower },
      { path: 'password.upper', bounds: password.upper },
      { path: 'password.numeric', bounds: password.numeric },
      { path: 'password.symbol', bounds: password.symbol },
    ],
    switches: [{ path: 'password.blocklist' }],
  },
  {
    title: t`Sessions in the console`,
    note: t`Open sessions too: one that is past a limit ends at its next request, be it your own.`,
    fields: [
      { path: 'session.idleMinutes', bounds: session.idleMinutes },
      { path: 'session.absoluteHours', bounds: session.absoluteHours },
    ],
  },
  {
    title: t`Wrong passwords and codes`,
    note: t`Counted for each user and address, passwords and codes apart, on MQTT as well. Each further wrong attempt doubles the wait.`,
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
    note: t`For certificates that are issued here from now on. None outlives the built-in authority.`,
    fields: [
      {
        path: 'clientCertificates.maxDays',
        bounds: clientCertificates.maxDays,
      },
    ],
  },
  {
    title: t`Clocks of other authorities`,
    note: t`A certificate or revocation list that begins to be valid within this time is valid now. An end is never moved.`,
    fields: [
      {
        path: 'certificates.clockSkewMinutes',
        bounds: certificates.clockSkewMinutes,
      },
    ],
  },
  {
    title: 'Decisions of the broker',
    note: 'How long the history of decisions is kept. Its oldest entries are deleted earlier if there are too many.',
    fields: [{ path: 'decisions.keepDays', bounds: decisions.keepDays }],
  },
]

/** "8 to 64." */
export function boundsWords([from, to]: readonly [number, number]): string {
  return t`${formatNumber(from)} to ${formatNumber(to)}.`
}
