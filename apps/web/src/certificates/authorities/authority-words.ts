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
    sentence: t`It is not the certificate of an authority (CA:TRUE is missing). Upload the one that signed it.`,
  },
  expired: { label: t`expired`, sentence: t`It has expired: nothing that it signed would be admitted.` },
  weak_key: {
    label: t`weak key`,
    sentence: t`Its key is too short to be safe. Make a new one: RSA from 2048 bits, or ECDSA.`,
  },
  key_too_large: {
    label: t`key too large`,
    sentence: t`Its key is larger than is checked here; it would slow every sign-in.`,
  },
  wrong_usage: {
    label: t`wrong usage`,
    sentence: t`It says itself that its key may not sign certificates, or not those of clients.`,
  },
  name_constraints: {
    label: t`name constraints`,
    sentence: t`Its name constraints cannot be read: they are damaged, or of a kind that RFC 5280 §4.2.1.10 rules out.`,
  },
  unknown_critical_extension: {
    label: t`unknown demand`,
    sentence: t`It carries a critical extension that is not understood here, and so must be refused (RFC 5280 §4.2).`,
  },
}

export const authorityWarningWords: Record<AuthorityWarning, Remark> = {
  not_yet_valid: {
    label: t`not yet valid`,
    sentence: t`It begins to be valid later; until then nobody gets in with it.`,
  },
  expires_soon: {
    label: t`expires soon`,
    sentence: t`It expires soon. Nothing that it signed is admitted after that.`,
  },
  version_1: {
    label: 'X.509 v1',
    sentence: t`It is of the old version 1 and does not say that it is an authority. It may sign clients directly, nothing further.`,
  },
  no_key_identifier: {
    label: t`no key identifier`,
    sentence: t`It carries no key identifier. That works, but makes chains harder to tell apart.`,
  },
  no_key_usage: { label: t`no key usage`, sentence: t`It does not say what its key may be used for.` },
  intermediate: {
    label: t`intermediate`,
    sentence: t`It was signed by another authority. Trusted is this one alone, not the one above it.`,
  },
  name_constraints: {
    label: t`name constraints`,
    sentence: t`It may only sign certain names. That binds a username only where it is a DNS name, an e-mail address or an IP address: limit the usernames as well.`,
  },
  weak_signature: {
    label: t`weak signature`,
    sentence: t`It is signed with SHA-1. As a trusted root that is not checked; still, plan to replace it.`,
  },
  unsupported_signature: {
    label: t`signature not supported`,
    sentence: t`It is signed in a way that is not verified here, such as SHA-3, so nobody can tell who signed it. Trusted is this one alone.`,
  },
  same_subject: {
    label: t`same name, different key`,
    sentence: t`Another authority has the same name and a different key. Both work; make sure that you expect both.`,
  },
  unproven_key: {
    label: t`key not proven`,
    sentence: t`Neither its own signature nor an authority of the trust store proves that it owns its key. Its limit holds for itself alone.`,
  },
  limited_elsewhere: {
    label: t`limited by a copy`,
    sentence: t`Another authority has the same key and is limited to usernames. That limit holds here too.`,
  },
  withdrawn: { label: t`not for clients`, sentence: t`Its trust for clients was withdrawn: nobody gets in with it.` },
}

const alreadyTrusted: Remark = {
  label: t`already trusted`,
  sentence: t`It is in the trust store already; nothing changes for it.`,
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
    sentence: `Another authority is also called ${subject}, with a different key. Both work; make sure that you expect both.`,
  }
}

/** Why an upload cannot be sent as it is. */
export function blockedWords({ bad, all, isSeparable }: { bad: number; all: number; isSeparable: boolean }): string {
  if (all === 1) return t`It cannot be trusted as an authority.`
  if (bad === all) return t`None of these can be trusted as an authority.`
  const which = plural(bad, { one: '# of these cannot', other: '# of these cannot' })
  const how = isSeparable ? '' : t` Take what is marked here out of the file, then give it again.`
  return t`${which} be trusted as an authority, and all of them are trusted, or none.${how}`
}

/** What to do about something that holds no certificates, or too many; where it says so itself, in its own words. */
export function adviceOnGiven(error: unknown): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined
  const { requestId, detail, facts } = error.problem
  // Refused before it was sent.
  if (requestId === '') return detail
  const position = facts?.['position']
  const given = givenIn(error)
  const block = typeof position === 'number' && position > 1 ? t`Block ${position}: ` : ''
  if (given !== null) return `${block}${givenWords[given]}`
  if (error.code === 'not_a_certificate' && typeof position === 'number') {
    return t`Block ${position} of it holds no certificate that can be read. Nothing was trusted.`
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
      ? t`${first.name} is trusted.`
      : t`${formatNumber(added.length)} authorities are trusted.`
  const there =
    existing.length === 0
      ? ''
      : t` ${formatNumber(existing.length)} ${plural(existing.length, { one: 'was', other: 'were' })} there already.`
  const left = given - added.length - existing.length - leftOut.length
  const stopped = left > 0 ? t` The other ${formatNumber(left)} were not sent.` : ''
  const without = leftOut.length > 0 ? ` ${leftOutWords(leftOut.length)}` : ''
  return `${trusted}${there}${without}${stopped}${live ? '' : t` The broker has not confirmed it yet.`}`
}
