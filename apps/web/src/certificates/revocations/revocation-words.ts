/** Revocations and the lists of authorities, in words. */

import type { ListWarning, OtherKey, RevocationList } from '@gatehouse/contract/certificates/crls'
import type { Revocation, RevocationImpact, RevocationReason } from '@gatehouse/contract/certificates/revocations'
import { plural, t } from '@lingui/core/macro'
import { formatNumber } from '../../messages/format.ts'

/** RFC 5280 §5.3.1, as one would say it. */
export const revocationReasonWords: Record<RevocationReason, string> = {
  unspecified: t`No reason given`,
  keyCompromise: t`Its key may be known to others`,
  cACompromise: t`The key of its authority may be known to others`,
  affiliationChanged: t`It belongs to somebody else now`,
  superseded: t`Another certificate has replaced it`,
  cessationOfOperation: t`It is out of service`,
  certificateHold: t`On hold for now`,
  privilegeWithdrawn: t`It has lost its rights`,
  aACompromise: t`The key of its attribute authority may be known to others`,
}

/** What one calls a certificate: its user, else its subject, else its number. */
export function certificateName({
  username,
  subject,
  serialNumber,
}: Pick<Revocation, 'username' | 'subject' | 'serialNumber'>): string {
  return username ?? subject ?? serialNumber
}

/** `c0ffee` as tools print it: `C0:FF:EE`. */
export function serialNumberWords(serialNumber: string): string {
  const sign = serialNumber.startsWith('-') ? '-' : ''
  const pairs = serialNumber.slice(sign.length).toUpperCase().match(/../g)
  return pairs ? `${sign}${pairs.join(':')}` : serialNumber
}

export function impactWords({ existing, connections, usernames, userCount }: RevocationImpact): string {
  if (existing !== null) return t`It is revoked already.`
  return endingWords({ connections, usernames, userCount }, t`Nobody is connected with it now.`)
}

/** "2 live connections end: device001, device002." */
export function endingWords(
  { connections, usernames, userCount }: Pick<RevocationImpact, 'connections' | 'usernames' | 'userCount'>,
  none: string,
): string {
  if (connections === null) return t`The broker does not answer: how many connections this ends is not known.`
  if (connections === 0) return none
  const shown = usernames.slice(0, 8)
  const more = userCount > shown.length ? t` and ${formatNumber(userCount - shown.length)} more` : ''
  const what = plural(connections, { one: '# live connection ends', other: '# live connections end' })
  return `${what}: ${shown.join(', ')}${more}.`
}

/** For which other authorities of the name a list counts too; empty where there is no other. */
export function otherKeysWords(otherKeys: readonly OtherKey[]): string {
  const namesOf = (isCovered: boolean) =>
    otherKeys.filter((key) => key.isCovered === isCovered).map(({ name }) => `“${name}”`)
  const [covered, others] = [namesOf(true), namesOf(false)]
  const counts = covered.length > 0 ? t`It counts also for what ${listed(covered)} signed. ` : ''
  const doesNot =
    others.length > 0 ? t`It does not count for what ${listed(others)} signed, of the same name with another key. ` : ''
  return counts + doesNot
}

const maxListed = 5

function listed(names: readonly string[]): string {
  const more = names.length - maxListed
  return names.slice(0, maxListed).join(', ') + (more > 0 ? t` and ${formatNumber(more)} more` : '')
}

export interface WarningWords {
  /** For a badge. */
  label: string
  sentence: string
  weight: 'problem' | 'warning' | 'note'
}

export const listWarningWords: Record<ListWarning, WarningWords> = {
  outdated: {
    label: t`out of date`,
    sentence: t`The authority was to publish a newer list by now. Upload it.`,
    weight: 'warning',
  },
  outdated_soon: { label: t`due soon`, sentence: t`The next list is due within three days.`, weight: 'warning' },
  no_next_update: { label: t`open-ended`, sentence: t`It does not say when the next list is due.`, weight: 'note' },
  no_number: {
    label: t`no number`,
    sentence: t`It carries no number: which of two is newer is told by date.`,
    weight: 'note',
  },
  partial: { label: t`a part`, sentence: t`It is about a part of the authority’s certificates only.`, weight: 'note' },
}

/** An expired CRL is a problem if the policy refuses all clients for it, otherwise a warning. */
export function listWarningsOf({ warnings }: Pick<RevocationList, 'warnings'>, refuses: boolean): WarningWords[] {
  return warnings.map((warning) =>
    warning === 'outdated' && refuses
      ? {
          label: t`out of date`,
          sentence: t`By policy none of this authority’s clients gets in until a newer list is here.`,
          weight: 'problem',
        }
      : listWarningWords[warning],
  )
}

export function revokedCount(count: number): string {
  return plural(count, { one: '# certificate', other: '# certificates' })
}
