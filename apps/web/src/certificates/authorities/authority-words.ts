/** The texts for problems that prevent trust in a certificate, and for warnings. */

import type {
  AuthorityProblem,
  AuthorityWarning,
  authorities,
  InspectedCertificate,
} from '@gatehouse/contract/certificates/authorities'
import { ApiProblem } from '@gatehouse/contract/client'
import type { Answer } from '@gatehouse/contract/route'
import { plural, t } from '@lingui/core/macro'
import { formatMonthAndYear, formatNumber } from '../../messages/format.ts'
import { givenIn, givenWords } from '../files/given.ts'

export interface Remark {
  /** For a badge. */
  label: string
  sentence: string
}

export const authorityProblemWords: Record<AuthorityProblem, Remark> = {
  not_a_ca: {
    label: t`not a CA`,
    sentence: t`It is not a CA certificate (CA:TRUE is missing). Upload the CA that signed it.`,
  },
  expired: { label: t`expired`, sentence: t`It has expired. The broker would refuse its certificates.` },
  weak_key: {
    label: t`weak key`,
    sentence: t`Its key is too short to be safe. Generate a new one: RSA with at least 2048 bits, or ECDSA.`,
  },
  key_too_large: {
    label: t`key too large`,
    sentence: t`Its key is too large and would slow down every sign-in.`,
  },
  wrong_usage: {
    label: t`wrong usage`,
    sentence: t`Its key usage does not allow it to sign client certificates.`,
  },
  name_constraints: {
    label: t`name constraints`,
    sentence: t`Its name constraints cannot be parsed. They are damaged, or of a kind that RFC 5280 §4.2.1.10 forbids.`,
  },
  unknown_critical_extension: {
    label: t`unknown extension`,
    sentence: t`It has an unsupported critical extension and must be refused (RFC 5280 §4.2).`,
  },
}

export const authorityWarningWords: Record<AuthorityWarning, Remark> = {
  not_yet_valid: {
    label: t`not yet valid`,
    sentence: t`It is not valid yet. Until then its certificates are refused.`,
  },
  expires_soon: {
    label: t`expires soon`,
    sentence: t`It expires soon. After that, the broker refuses its certificates.`,
  },
  version_1: {
    label: 'X.509 v1',
    sentence: t`It is an X.509 version 1 certificate, which does not state that it is a CA. It may sign client certificates, but no intermediates.`,
  },
  no_key_identifier: {
    label: t`no key identifier`,
    sentence: t`It has no key identifier. It works, but chains are harder to tell apart.`,
  },
  no_key_usage: { label: t`no key usage`, sentence: t`It does not state its key usage.` },
  intermediate: {
    label: t`intermediate`,
    sentence: t`It was signed by another CA. Only this CA is trusted, not its issuer.`,
  },
  name_constraints: {
    label: t`name constraints`,
    sentence: t`It may only sign certain names. This limits usernames only if they are DNS names, e-mail addresses or IP addresses. Limit the allowed usernames as well.`,
  },
  weak_signature: {
    label: t`weak signature`,
    sentence: t`It is signed with SHA-1. This is not checked for a trusted root, but plan to replace it.`,
  },
  unsupported_signature: {
    label: t`signature not supported`,
    sentence: t`Its signature algorithm, such as SHA-3, is not supported, so its issuer cannot be verified. Only this CA is trusted.`,
  },
  same_subject: {
    label: t`same name, different key`,
    sentence: t`Another CA has the same name and a different key. Both work. Make sure that you expect both.`,
  },
  unproven_key: {
    label: t`key not proven`,
    sentence: t`Neither its own signature nor a trusted CA proves that it owns its key. Its limit applies only to itself.`,
  },
  limited_elsewhere: {
    label: t`limited by a copy`,
    sentence: t`Another CA has the same key and is limited to usernames. That limit applies here too.`,
  },
  withdrawn: {
    label: t`not for clients`,
    sentence: t`Its trust for clients was withdrawn. The broker refuses its certificates.`,
  },
}

const alreadyTrusted: Remark = {
  label: t`already trusted`,
  sentence: t`It is already in the trust store. Nothing changes for it.`,
}

/** `problem`: cannot be trusted; `warning`: look at it; `note`: good to know. */
export interface JudgedRemark extends Remark {
  weight: 'problem' | 'warning' | 'note'
}

const notes: readonly AuthorityWarning[] = ['intermediate', 'no_key_identifier', 'no_key_usage', 'withdrawn']

type Judged = Pick<InspectedCertificate, 'warnings' | 'notAfter' | 'subject'> &
  Partial<Pick<InspectedCertificate, 'problems' | 'existing'>>

/** All remarks on a certificate, the most important first. */
export function remarksOn(certificate: Judged): JudgedRemark[] {
  const { problems = [] } = certificate
  // A certificate that cannot be trusted needs no warning.
  const warnings = problems.length > 0 ? [] : certificate.warnings
  const judged = warnings.map((warning) => ({ ...warningWords(warning, certificate), weight: weightOf(warning) }))
  return [
    ...problems.map((problem) => ({ ...problemWords(problem, certificate), weight: 'problem' as const })),
    ...judged.filter(({ weight }) => weight === 'warning'),
    ...(certificate.existing ? [{ ...alreadyTrusted, weight: 'note' as const }] : []),
    ...judged.filter(({ weight }) => weight === 'note'),
  ]
}

function weightOf(warning: AuthorityWarning): 'warning' | 'note' {
  return notes.includes(warning) ? 'note' : 'warning'
}

function problemWords(problem: AuthorityProblem, { notAfter }: Judged): Remark {
  const words = authorityProblemWords[problem]
  if (problem !== 'expired') return words
  return { ...words, label: t`expired in ${formatMonthAndYear(notAfter)}` }
}

function warningWords(warning: AuthorityWarning, { subject }: Judged): Remark {
  const words = authorityWarningWords[warning]
  if (warning !== 'same_subject') return words
  return {
    ...words,
    sentence: t`Another CA is also called ${subject}, with a different key. Both work. Make sure that you expect both.`,
  }
}

/** Why an upload cannot be sent as it is. */
export function blockedWords({ bad, all, isSeparable }: { bad: number; all: number; isSeparable: boolean }): string {
  if (all === 1) return t`It cannot be trusted as a CA.`
  if (bad === all) return t`None of these can be trusted as a CA.`
  const which = plural(bad, {
    one: '# of these cannot be trusted as a CA. Either all are added or none.',
    other: '# of these cannot be trusted as CAs. Either all are added or none.',
  })
  return isSeparable ? which : `${which} ${t`Remove the marked ones from the file, then upload it again.`}`
}

/** What to do about something that holds no certificates, or too many; where it says so itself, in its own words. */
export function adviceOnGiven(error: unknown): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined
  const { requestId, detail, facts } = error.problem
  // Refused before it was sent.
  if (requestId === '') return detail
  const position = facts?.['position']
  const given = givenIn(error)
  const block = typeof position === 'number' && position > 1 ? t`Block ${position}:` : ''
  if (given !== null) return [block, givenWords[given]].filter(Boolean).join(' ')
  if (error.code === 'not_a_certificate' && typeof position === 'number') {
    return t`Block ${position} contains no readable certificate. Nothing was trusted.`
  }
  return undefined
}

export function leftOutWords(count: number): string {
  return plural(count, { one: '# is left out.', other: '# are left out.' })
}

/** `given`: how many were to be sent; it may have been stopped before. */
export function trustedWords({ added, existing, leftOut, live }: Answer<typeof authorities.create>, given = 0): string {
  const first = added[0]
  const trusted =
    added.length === 1 && first
      ? t`${first.name} is now trusted.`
      : t`${formatNumber(added.length)} CAs are now trusted.`
  const there =
    existing.length === 0
      ? ''
      : plural(existing.length, { one: '# was already trusted.', other: '# were already trusted.' })
  const left = given - added.length - existing.length - leftOut.length
  const stopped = left > 0 ? t`The other ${formatNumber(left)} were not sent.` : ''
  const without = leftOut.length > 0 ? leftOutWords(leftOut.length) : ''
  const confirmed = live ? '' : t`The broker has not confirmed yet.`
  return [trusted, there, without, stopped, confirmed].filter(Boolean).join(' ')
}
