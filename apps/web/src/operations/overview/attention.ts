/** The items that need attention, failures first. Each links to the list that shows exactly these entries. */

import type { ExpiryWindow } from '@gatehouse/contract/certificates/expiry'
import type { Overview } from '@gatehouse/contract/operations/overview'
import { plural, t } from '@lingui/core/macro'
import type { LinkProps } from '@tanstack/react-router'
import { stateErrors } from '../../brokers/listeners/listener-words.ts'
import {
  toAdmissionRules,
  toBroker,
  toConnections,
  toExpiringAuthorities,
  toExpiringConnections,
  toListeners,
  toProvider,
  toRefusals,
  toUsersWithoutFactor,
} from '../../links.ts'
import { formatExactTime, formatNumber } from '../../messages/format.ts'
import type { Status } from '../../ui/badges.tsx'

export interface Attention {
  status: Extract<Status, 'expiring' | 'refused'>
  /** Stands before the sentence; null where there is nothing to count. */
  count: string | null
  sentence: string
  /** Null where no page shows more of it. */
  link: LinkProps | null
}

/** `now` in milliseconds since 1970. */
export function attentionOf(
  { users, authorities, broker, brokers, providers, certificates, storage, refusals, admissions }: Overview,
  now: number,
): Attention[] {
  const found = [
    ...ofStorage(storage),
    ...ofBroker(broker, now),
    ...(brokers ?? []).map(ofOtherBroker),
    ...(providers ?? []).map(ofProvider),
    ...ofExpiries(authorities?.expiries, authorityWords, toExpiringAuthorities),
    ...ofExpiries(certificates ?? undefined, certificateWords, toExpiringConnections),
    ...ofFactors(users),
    ...ofRefusals(refusals),
    ...ofAdmissions(admissions),
  ]
  return found.toSorted((a, b) => Number(b.status === 'refused') - Number(a.status === 'refused'))
}

function ofStorage(storage: Overview['storage']): Attention[] {
  if (!storage) return []
  const item = (status: Attention['status'], sentence: string) => [{ status, count: null, sentence, link: null }]
  const { state, freeBytes } = storage
  if (state === 'damaged')
    return item('refused', t`The database file is damaged. Stop Gatehouse and restore the backup.`)
  if (state === 'full') return item('refused', t`The server disk is full. No change can be stored.`)
  if (state === 'low' && freeBytes !== null)
    return item('expiring', t`The server disk is nearly full: ${inMebibytes(freeBytes)} MiB free.`)
  return []
}

function inMebibytes(bytes: number): string {
  return formatNumber(Math.floor(bytes / 1024 / 1024))
}

const dayMs = 86_400_000
const certificateDays = 30

function ofBroker(broker: Overview['broker'], now: number): Attention[] {
  if (!broker) return []
  const item = (status: Attention['status'], sentence: string) => ({
    status,
    count: null,
    sentence,
    link: toConnections(),
  })
  const { running, serverCertificate: own } = broker
  const closed = running ? broker.failedListeners : []
  const days = own ? Math.floor((Date.parse(own.notAfter) - now) / dayMs) : certificateDays
  const renewal = own?.isGenerated ? t`Restart Gatehouse to generate a new one.` : t`Replace it.`
  return [
    ...(running ? [] : [item('refused', t`The broker is not running.`)]),
    ...closed.map(({ name, error }) => ({
      ...item('refused', `${t`Listener ${name} is not open.`} ${stateErrors[error]}`),
      link: toListeners(),
    })),
    ...(days < 0 ? [item('refused', t`The server certificate has expired. ${renewal}`)] : []),
    ...(days >= 0 && days < certificateDays
      ? [
          item(
            'expiring',
            `${plural(days, { one: 'The server certificate expires in # day.', other: 'The server certificate expires in # days.' })} ${renewal}`,
          ),
        ]
      : []),
  ]
}

function ofOtherBroker({ id, name, trouble }: NonNullable<Overview['brokers']>[number]): Attention {
  const sentences = {
    open: t`The broker ${name} admits anyone.`,
    away: t`The broker ${name} is not reachable.`,
    behind: t`The broker ${name} has not applied the latest changes.`,
    problems: t`The broker ${name} needs attention.`,
  }
  const status = trouble === 'open' || trouble === 'away' ? 'refused' : 'expiring'
  return { status, count: null, sentence: sentences[trouble], link: toBroker(id) }
}

function ofProvider({ id, label, trouble, since, users }: NonNullable<Overview['providers']>[number]): Attention {
  const link = toProvider(id)
  if (trouble === 'ending') {
    const sentence = plural(users, {
      one: `user of ${label} will lose tokens, because the last sign-in there was long ago`,
      other: `users of ${label} will lose tokens, because the last sign-in there was long ago`,
    })
    return { status: 'expiring', count: formatNumber(users), sentence, link }
  }
  const sentence =
    since === null
      ? t`${label} could not be checked for changes yet.`
      : t`${label} could not be checked for changes since ${formatExactTime(since)}.`
  return { status: 'refused', count: null, sentence, link }
}

/** What is counted. It follows the number. */
type ExpiryWords = Record<ExpiryWindow, (count: number) => string>

const authorityWords: ExpiryWords = {
  expired: (count) => plural(count, { one: 'CA has expired', other: 'CAs have expired' }),
  '7-days': (count) => plural(count, { one: 'CA expires within 7 days', other: 'CAs expire within 7 days' }),
  '30-days': (count) => plural(count, { one: 'CA expires within 30 days', other: 'CAs expire within 30 days' }),
  '60-days': (count) => plural(count, { one: 'CA expires within 60 days', other: 'CAs expire within 60 days' }),
}

const certificateWords: ExpiryWords = {
  expired: (count) =>
    plural(count, {
      one: 'connected device has an expired certificate',
      other: 'connected devices have an expired certificate',
    }),
  '7-days': (count) =>
    plural(count, {
      one: 'connected device needs a new certificate within 7 days',
      other: 'connected devices need new certificates within 7 days',
    }),
  '30-days': (count) =>
    plural(count, {
      one: 'connected device needs a new certificate within 30 days',
      other: 'connected devices need new certificates within 30 days',
    }),
  '60-days': (count) =>
    plural(count, {
      one: 'connected device needs a new certificate within 60 days',
      other: 'connected devices need new certificates within 60 days',
    }),
}

const soonest = ['7-days', '30-days', '60-days'] as const

/** A longer time is worth a line of its own only where it holds more than the shorter one. */
function ofExpiries(
  expiries: Record<ExpiryWindow, number> | undefined,
  words: ExpiryWords,
  linkTo: (window: ExpiryWindow) => LinkProps,
): Attention[] {
  if (!expiries) return []
  const more = soonest.filter((window, at) => {
    const sooner = soonest[at - 1]
    return expiries[window] > (sooner ? expiries[sooner] : 0)
  })
  const windows: ExpiryWindow[] = [...(expiries.expired > 0 ? (['expired'] as const) : []), ...more]
  return windows.map((window) => ({
    status: window === 'expired' ? 'refused' : 'expiring',
    count: formatNumber(expiries[window]),
    sentence: words[window](expiries[window]),
    link: linkTo(window),
  }))
}

function ofFactors(users: Overview['users']): Attention[] {
  if (!users || users.factorMissing === 0) return []
  const { factorMissing } = users
  const sentence = plural(factorMissing ?? 0, {
    one: 'user has not set up required MFA',
    other: 'users have not set up required MFA',
  })
  const count = factorMissing === null ? t`10,000+` : formatNumber(factorMissing)
  return [{ status: 'expiring', count, sentence, link: toUsersWithoutFactor() }]
}

function ofRefusals(refusals: Overview['refusals']): Attention[] {
  if (!refusals || refusals.count === 0) return []
  const sentence = plural(refusals.count, { one: 'refusal in the last hour', other: 'refusals in the last hour' })
  const count = formatNumber(refusals.count)
  const link = toRefusals(refusals.since)
  return [{ status: 'expiring', count: refusals.isMore ? `${count}+` : count, sentence, link }]
}

function ofAdmissions(admissions: Overview['admissions']): Attention[] {
  if (!admissions || admissions.blockedRules === 0) return []
  const { blockedRules } = admissions
  const sentence = plural(blockedRules, {
    one: 'admission rule is on and admits nobody',
    other: 'admission rules are on and admit nobody',
  })
  return [{ status: 'expiring', count: formatNumber(blockedRules), sentence, link: toAdmissionRules() }]
}
