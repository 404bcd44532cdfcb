/** The texts for the checks of a client certificate and their results. The reasons of refusals are in `refusal-words.ts`. */
import {
  type CertificateCheck,
  type Check,
  type CheckDetail,
  type CheckName,
} from '@gatehouse/contract/certificates/check'
import { reasonWords } from '../../access/decision/refusal-words.ts'

export const checkLabels: Record<CheckName, string> = {
  listener: 'Listener',
  parses: 'Parses',
  chain: 'Chain',
  dates: 'Dates',
  usage: 'Usage',
  revocation: 'Revocation',
  common_name: 'Common Name',
  username: 'Username',
  authority_limit: 'Authority limit',
  user: 'User',
  enabled: 'Enabled',
  grant: 'Certificate grant',
  required_grants: 'Required grants',
  topics: 'Topics',
}

const passed: Record<CheckName, (detail: CheckDetail) => string> = {
  listener: ({ clientCertificate }) =>
    clientCertificate === 'required' ? 'lets nobody in without a certificate' : 'asks for a certificate',
  parses: ({ x509Version, keyAlgorithm, certificates = 1 }) =>
    `X.509 v${x509Version}, ${keyAlgorithm}, ${certificates === 1 ? '1 certificate' : `${certificates} certificates`}`,
  chain: ({ authorityName }) => `leads to ${authorityName ?? 'an authority'} (trusted)`,
  dates: ({ notAfter = '', validUntil = notAfter }) =>
    validUntil < notAfter
      ? `valid until ${day(notAfter)}, but what vouches for it ends on ${day(validUntil)}`
      : `valid until ${day(notAfter)}`,
  usage: ({ extendedKeyUsage }) =>
    extendedKeyUsage ? 'client authentication allowed' : 'says nothing against client authentication',
  revocation: () => 'not revoked',
  common_name: ({ commonName }) => `exactly one: ${commonName}`,
  username: () => 'can be a username',
  authority_limit: ({ authorityName, usernames = [] }) =>
    usernames.length === 0 ? `${authorityName} may vouch for any username` : `within ${usernames.join(', ')}`,
  user: ({ commonName }) => `${commonName} exists`,
  enabled: ({ commonName }) => `${commonName} is enabled`,
  grant: ({ commonName, grantTypes = [] }) =>
    grantTypes.some(({ method }) => method === 'certificate')
      ? `${commonName} may sign in with a certificate`
      : 'not given; another one is required, and that decides',
  required_grants: ({ grantTypes = [] }) =>
    grantTypes.some(({ isRequired }) => isRequired) ? 'nothing but the certificate' : 'none, so any one is enough',
  topics: topicWords,
}

const nothingToDo = 'It may neither subscribe nor publish: give the user a role, or permissions on topics.'

export interface CheckWords {
  sentence: string
  advice?: string
}

/** The result of a check. `reason` belongs to the check that failed. */
export function checkWords({ check, ok, detail }: Check, reason: CertificateCheck['reason']): CheckWords {
  if (ok === null) return { sentence: 'not checked' }
  if (ok) return { sentence: passed[check](detail) }
  if (check === 'topics') return { sentence: nothingToDo }
  if (check === 'listener') return listenerWords(detail)
  if (reason === null) return { sentence: 'not passed' }
  const { sentence, advice } = reasonWords[reason]
  const more = reason === 'authority_unconfirmed' ? '' : particulars(check, detail)
  return { sentence: `${sentence}${more}`, advice }
}

/** The headline, and the sentence below it. */
export function verdictWords({ admitted, username, returnCode, checks, reason }: CertificateCheck): {
  title: string
  words: CheckWords
} {
  const failed = checks.find(({ ok }) => ok === false)
  const words = failed ? checkWords(failed, reason) : { sentence: 'Every check is passed.' }
  if (admitted) return { title: `Gets in as ${username}`, words }
  const title =
    returnCode === null
      ? 'Refused in the TLS handshake, before MQTT'
      : `Refused with CONNACK ${returnCode}, not authorised`
  return { title, words }
}

function listenerWords({ clientCertificate }: CheckDetail): CheckWords {
  return clientCertificate === undefined
    ? { sentence: 'There is no TLS listener.', advice: 'Set GATEHOUSE_MQTTS_PORT and start again.' }
    : {
        sentence: 'The TLS listener does not ask for certificates.',
        advice: 'Set GATEHOUSE_MQTTS_CLIENT_CERTIFICATE to accepted or required, and start again.',
      }
}

/** Which certificate, which day, which names: what the sentence on the reason cannot know. */
function particulars(
  check: CheckName,
  { subject, issuer, notBefore, notAfter, usernames, commonName }: CheckDetail,
): string {
  if (check === 'chain' && issuer) return ` It names as its issuer ${issuer}.`
  if (check === 'dates') return ` ${subject}: ${day(notBefore)} to ${day(notAfter)}.`
  if (check === 'authority_limit') return ` ${commonName} is not within ${usernames?.join(', ')}.`
  if (check === 'user' || check === 'username') return ` It says ${commonName}.`
  return check === 'usage' || check === 'revocation' ? ` It is ${subject}.` : ''
}

function topicWords({ subscribe = [], publish = [], publishPrefix }: CheckDetail): string {
  const parts = [
    ...(subscribe.length > 0 ? [`subscribes to ${shorten(subscribe)}`] : []),
    ...(publish.length > 0 ? [`publishes to ${shorten(publish)}`] : []),
    ...(publishPrefix ? [`under the prefix ${publishPrefix}`] : []),
  ]
  return parts.join('; ')
}

const shownAtMost = 6

function shorten(filters: readonly string[]): string {
  const others = filters.length - shownAtMost
  return `${filters.slice(0, shownAtMost).join(', ')}${others > 0 ? ` and ${others} more` : ''}`
}

// In UTC, as the certificate has it.
function day(at: string | undefined): string {
  return at?.slice(0, 10) ?? 'unknown'
}
