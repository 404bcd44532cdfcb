/** The texts for the checks of a client certificate and their results. The reasons of refusals are in `refusal-words.ts`. */

import {
  type CertificateCheck,
  type Check,
  type CheckDetail,
  type CheckName,
} from '@gatehouse/contract/certificates/check'
import { plural, t } from '@lingui/core/macro'
import { reasonWords } from '../../access/decision/refusal-words.ts'
import { formatDate } from '../../messages/format.ts'

export const checkLabels: Record<CheckName, string> = {
  listener: t`Listener`,
  parses: t`Format`,
  chain: t`Chain`,
  dates: t`Validity`,
  usage: t`Usage`,
  revocation: t`Revocation`,
  common_name: t`Common Name`,
  username: t`Username`,
  authority_limit: t`Allowed usernames`,
  user: t`User`,
  enabled: t`Enabled`,
  grant: t`Certificate sign-in`,
  required_grants: t`Required sign-in methods`,
  topics: t`Topics`,
}

/** The sentences of passed checks. A detail that the server did not send is left empty. */
const passed: Record<CheckName, (detail: CheckDetail) => string> = {
  listener: ({ clientCertificate }) =>
    clientCertificate === 'required' ? t`requires a certificate` : t`asks for a certificate`,
  parses: ({ x509Version = 3, keyAlgorithm = '', certificates = 1 }) =>
    t`X.509 v${x509Version}, ${keyAlgorithm}, ${plural(certificates, { one: '# certificate', other: '# certificates' })}`,
  chain: ({ authorityName }) =>
    authorityName ? t`leads to the trusted CA ${authorityName}` : t`leads to a trusted CA`,
  dates: ({ notAfter = '', validUntil = notAfter }) =>
    validUntil < notAfter
      ? t`valid until ${day(notAfter)}, but its issuers only until ${day(validUntil)}`
      : t`valid until ${day(notAfter)}`,
  usage: ({ extendedKeyUsage }) =>
    extendedKeyUsage ? t`client authentication allowed` : t`not restricted, so client authentication is allowed`,
  revocation: () => t`not revoked`,
  common_name: ({ commonName = '' }) => t`exactly one: ${commonName}`,
  username: () => t`can be a username`,
  authority_limit: ({ authorityName = '', usernames = [] }) =>
    usernames.length === 0 ? t`${authorityName} allows any username` : t`allowed by ${usernames.join(', ')}`,
  user: ({ commonName = '', admissionRule }) =>
    admissionRule === undefined
      ? t`${commonName} exists`
      : t`${commonName} does not exist yet. The admission rule ${admissionRule} creates it when the device connects`,
  enabled: ({ commonName = '' }) => t`${commonName} is enabled`,
  grant: ({ commonName = '', grantTypes = [] }) =>
    grantTypes.some(({ method }) => method === 'certificate')
      ? t`${commonName} may sign in with a certificate`
      : t`not given, but another required sign-in method decides`,
  required_grants: ({ grantTypes = [] }) =>
    grantTypes.some(({ isRequired }) => isRequired) ? t`only the certificate` : t`none, so any method is enough`,
  topics: topicWords,
}

const nothingToDo = t`This user may neither subscribe nor publish. Assign a role or permissions on topics.`

export interface CheckWords {
  sentence: string
  advice?: string
}

/** The result of a check. `reason` belongs to the check that failed. */
export function checkWords({ check, ok, detail }: Check, reason: CertificateCheck['reason']): CheckWords {
  if (ok === null) return { sentence: t`not checked` }
  if (ok) return { sentence: passed[check](detail) }
  if (check === 'topics') return { sentence: nothingToDo }
  if (check === 'listener') return listenerWords(detail)
  if (reason === null) return { sentence: t`not passed` }
  const { sentence, advice } = reasonWords[reason]
  const more = reason === 'authority_unconfirmed' ? '' : particulars(check, detail)
  return { sentence: [sentence, more].filter(Boolean).join(' '), advice }
}

/** The headline, and the sentence below it. */
export function verdictWords({ admitted, username, returnCode, checks, reason }: CertificateCheck): {
  title: string
  words: CheckWords
} {
  const failed = checks.find(({ ok }) => ok === false)
  const words = failed ? checkWords(failed, reason) : { sentence: t`All checks passed.` }
  if (admitted) return { title: username === null ? t`Admitted` : t`Admitted as ${username}`, words }
  const title =
    returnCode === null
      ? t`Refused in the TLS handshake, before MQTT`
      : t`Refused with CONNACK ${returnCode}, not authorized`
  return { title, words }
}

function listenerWords({ clientCertificate }: CheckDetail): CheckWords {
  return clientCertificate === undefined
    ? { sentence: t`There is no TLS listener.`, advice: t`Add one on the page Listeners.` }
    : {
        sentence: t`No listener asks for certificates.`,
        advice: t`Set “Client certificate” of a listener to “Accepted” or “Required”.`,
      }
}

/** Details of this certificate that follow the sentence on the reason; empty without any. */
function particulars(
  check: CheckName,
  { subject = '', issuer, notBefore, notAfter, usernames = [], commonName = '' }: CheckDetail,
): string {
  // A name such as `O=Example Inc.` brings its own full stop.
  const name = subject.replace(/\.$/, '')
  if (check === 'chain' && issuer) return t`Its issuer is ${issuer.replace(/\.$/, '')}.`
  if (check === 'dates') return t`${subject} is valid from ${day(notBefore)} to ${day(notAfter)}.`
  if (check === 'authority_limit') return t`${commonName} does not match ${usernames.join(', ')}.`
  if (check === 'user' || check === 'username') return t`The certificate names ${commonName}.`
  return check === 'usage' || check === 'revocation' ? t`The certificate is ${name}.` : ''
}

function topicWords({ subscribe = [], publish = [], publishPrefix }: CheckDetail): string {
  const parts = [
    ...(subscribe.length > 0 ? [t`may subscribe to ${shorten(subscribe)}`] : []),
    ...(publish.length > 0 ? [t`may publish to ${shorten(publish)}`] : []),
    ...(publishPrefix ? [t`publishes under the prefix ${publishPrefix}`] : []),
  ]
  return parts.join('; ')
}

const shownAtMost = 6

function shorten(filters: readonly string[]): string {
  const shown = filters.slice(0, shownAtMost).join(', ')
  const others = filters.length - shownAtMost
  return others > 0 ? t`${shown} and ${others} more` : shown
}

function day(at: string | undefined): string {
  return at === undefined ? t`unknown` : formatDate(at)
}
