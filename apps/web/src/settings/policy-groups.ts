/** The policies that are numbers, in the order of the page; the unit is in the label. */
import { policyBounds, type Settings } from '@gatehouse/contract/settings'

export type PolicyValues = Omit<Settings, 'version'>

interface PolicyField {
  /** In the form, and in the body that is sent. */
  path: string
  label: string
  description?: string
}

export interface PolicyGroup {
  title: string
  /** For whom, and from when on. */
  note: string
  fields: readonly (PolicyField & { bounds: readonly [number, number] })[]
  switches?: readonly PolicyField[]
}

const { password, session, throttle, clientCertificates } = policyBounds

export const policyGroups: readonly PolicyGroup[] = [
  {
    title: 'Passwords',
    note: 'For passwords that are set from now on. Those that there are stay good.',
    fields: [
      {
        path: 'password.min',
        bounds: password.min,
        label: 'Least length (characters)',
        description: 'Long does more than mixed: 15 or more.',
      },
      {
        path: 'password.minWithFactor',
        bounds: password.minWithFactor,
        label: 'With a second factor (characters)',
        description: 'The least length for users who have set one up; never more than without.',
      },
      { path: 'password.lower', bounds: password.lower, label: 'Lower-case letters (at least)' },
      { path: 'password.upper', bounds: password.upper, label: 'Upper-case letters (at least)' },
      { path: 'password.numeric', bounds: password.numeric, label: 'Digits (at least)' },
      { path: 'password.symbol', bounds: password.symbol, label: 'Symbols or spaces (at least)' },
    ],
    switches: [{ path: 'password.blocklist', label: 'Refuse common passwords, and the username as password' }],
  },
  {
    title: 'Sessions in the console',
    note: 'Open sessions too: one that is past a limit ends at its next request, be it your own.',
    fields: [
      { path: 'session.idleMinutes', bounds: session.idleMinutes, label: 'Ends when not used for (minutes)' },
      { path: 'session.absoluteHours', bounds: session.absoluteHours, label: 'Ends in any case after (hours)' },
    ],
  },
  {
    title: 'Wrong passwords and codes',
    note: 'Counted for each user and address, passwords and codes apart, on MQTT as well. Each further wrong attempt doubles the wait.',
    fields: [
      { path: 'throttle.freeFailures', bounds: throttle.freeFailures, label: 'Wrong attempts before the first wait' },
      { path: 'throttle.firstWaitSeconds', bounds: throttle.firstWaitSeconds, label: 'First wait (seconds)' },
      { path: 'throttle.longestWaitMinutes', bounds: throttle.longestWaitMinutes, label: 'Longest wait (minutes)' },
    ],
  },
  {
    title: 'Client certificates',
    note: 'For certificates that are issued here from now on. None outlives the built-in authority.',
    fields: [
      { path: 'clientCertificates.maxDays', bounds: clientCertificates.maxDays, label: 'Valid for (days, at most)' },
    ],
  },
]

/** "8 to 64." */
export function boundsWords([from, to]: readonly [number, number]): string {
  return `${from.toLocaleString('en')} to ${to.toLocaleString('en')}.`
}
