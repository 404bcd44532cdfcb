/** Revocations and the lists of authorities, in words. */

import type { ListWarning, OtherKey, RevocationList } from '@gatehouse/contract/certificates/crls'
import type { TrustImpact } from '@gatehouse/contract/certificates/impact'
import type { Revocation, RevocationImpact, RevocationReason } from '@gatehouse/contract/certificates/revocations'
import { plural, t } from '@lingui/core/macro'
import { formatNumber, joinSentences } from '../../messages/format.ts'
import { foreseenElsewhere } from '../../ui/foreseen.ts'

/** RFC 5280 §5.3.1, as one would say it. */
export const revocationReasonWords: Record<RevocationReason, string> = {
  unspecified: t`No reason given`,
  keyCompromise: t`Its key may be compromised`,
  cACompromise: t`The key of its CA may be compromised`,
  affiliationChanged: t`Its holder has changed`,
  superseded: t`Replaced by another certificate`,
  cessationOfOperation: t`It is out of service`,
  certificateHold: t`On hold`,
  privilegeWithdrawn: t`Its privileges were withdrawn`,
  aACompromise: t`The key of its attribute authority may be compromised`,
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

export function impactWords({ existing, ...impact }: RevocationImpact): string {
  if (existing !== null) return t`Already revoked.`
  return endingWords(impact, t`No client is connected with it now.`)
}

/** "2 live connections end: device001, device002.", and what ends on other brokers. */
export function endingWords(impact: TrustImpact, none: string): string {
  return [embeddedWords(impact, none), ...foreseenElsewhere(impact.connectionsByBroker)].join(' ')
}

function embeddedWords({ connections, usernames, userCount }: TrustImpact, none: string): string {
  if (connections === null) return t`The broker did not respond, so the number of connections that end is unknown.`
  if (connections === 0) return none
  const shown = usernames.slice(0, 8)
  const more = userCount - shown.length
  const names = more > 0 ? t`${shown.join(', ')} and ${formatNumber(more)} more` : shown.join(', ')
  return plural(connections, {
    one: `# live connection ends: ${names}.`,
    other: `# live connections end: ${names}.`,
  })
}

/** For which other authorities of the name a list counts too; empty where there is no other. */
export function otherKeysWords(otherKeys: readonly OtherKey[]): string {
  const namesOf = (isCovered: boolean) =>
    otherKeys.filter((key) => key.isCovered === isCovered).map(({ name }) => `“${name}”`)
  const [covered, others] = [namesOf(true), namesOf(false)]
  return joinSentences([
    covered.length > 0 && t`It also applies to certificates signed by ${listed(covered)}.`,
    others.length > 0 &&
      t`It does not apply to certificates signed by ${listed(others)}, with the same name and another key.`,
  ])
}

const maxListed = 5

function listed(names: readonly string[]): string {
  const shown = names.slice(0, maxListed).join(', ')
  const more = names.length - maxListed
  return more > 0 ? t`${shown} and ${formatNumber(more)} more` : shown
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
    sentence: t`The CA should have published a newer CRL by now. Upload it.`,
    weight: 'warning',
  },
  outdated_soon: { label: t`due soon`, sentence: t`The next CRL is due within three days.`, weight: 'warning' },
  no_next_update: { label: t`open-ended`, sentence: t`It does not state when the next CRL is due.`, weight: 'note' },
  no_number: {
    label: t`no number`,
    sentence: t`It has no CRL number. The newer of two CRLs is determined by date.`,
    weight: 'note',
  },
  partial: { label: t`partial`, sentence: t`It covers only a part of the CA’s certificates.`, weight: 'note' },
}

/** An expired CRL is a problem if the policy refuses all clients for it, otherwise a warning. */
export function listWarningsOf({ warnings }: Pick<RevocationList, 'warnings'>, refuses: boolean): WarningWords[] {
  return warnings.map((warning) =>
    warning === 'outdated' && refuses
      ? {
          label: t`out of date`,
          sentence: t`The policy refuses all clients of this CA until a newer CRL is uploaded.`,
          weight: 'problem',
        }
      : listWarningWords[warning],
  )
}

export function revokedCount(count: number): string {
  return plural(count, { one: '# certificate', other: '# certificates' })
}
