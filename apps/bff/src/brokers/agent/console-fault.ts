/** Why the agent has no answer of the console, in words for the person at the machine. */
import type { EnforcerRefusal } from '@gatehouse/contract/brokers/enforcer-protocol'

/** The console refused, with a code of the protocol. */
export class Refused extends Error {
  readonly code: EnforcerRefusal

  constructor(code: EnforcerRefusal) {
    super(refusalWords[code])
    this.name = 'Refused'
    this.code = code
  }
}

/** The answer is not what a console sends. */
export class WrongAnswer extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`The console's answer cannot be used: ${what}.`, options)
    this.name = 'WrongAnswer'
  }
}

const refusalWords: Record<EnforcerRefusal, string> = {
  invalid: 'The console does not understand this agent. Are both of the same version?',
  token_refused: 'The console does not know this token, or it was cancelled. Make a new one in the console.',
  token_used: 'This token was used already. A token works once: make a new one in the console.',
  token_expired: 'This token has expired. Make a new one in the console.',
  request_refused: 'The console refuses the key of this agent.',
  certificate_required: 'The console has not received the certificate of this agent. Is a TLS proxy in between?',
  certificate_expired: 'The certificate of this agent has expired. Enrol it again with a new token of the console.',
  certificate_refused: 'The console does not accept the certificate of this agent. Enrol it again with a new token.',
  unknown_enforcer:
    'The console no longer accepts this agent: it was revoked or replaced, or its broker was deleted. Enrol it again with a new token.',
  stale_report: 'The console has a newer report of this agent.',
  too_large: 'The console refuses a message of this agent because of its size.',
  not_found: 'This is not the address for agents of a console (GATEHOUSE_ENFORCERS_PORT).',
  unavailable: 'The console is not ready.',
}

const ofClock = 'Set the clock of this machine; nothing was changed.'

/** By the code of Node or OpenSSL. */
const connectionWords: Record<string, string> = {
  ECONNREFUSED: 'Nothing listens there.',
  ENOTFOUND: 'The name of the console cannot be resolved.',
  EAI_AGAIN: 'The name of the console cannot be resolved now.',
  ETIMEDOUT: 'The console does not answer.',
  EHOSTUNREACH: 'The console cannot be reached from here.',
  ENETUNREACH: 'The console cannot be reached from here.',
  ECONNRESET: 'The console ended the connection.',
  ERR_PROXY_TUNNEL: 'The proxy of this machine (HTTPS_PROXY) does not connect to the console.',
  EPROTO: 'There is no TLS 1.3 at that address.',
  CERT_NOT_YET_VALID: `By the clock of this machine the console's certificate is not valid yet. ${ofClock}`,
  CERT_HAS_EXPIRED: `By the clock of this machine the console's certificate has expired. ${ofClock}`,
}

const otherServer = 'Another server answers there: it has no certificate of the CA that this agent was enrolled with.'

/** A sentence for the log. The time tells a wrong clock at a glance. */
export function explainFault(error: unknown, now: Date): string {
  if (error instanceof Refused || error instanceof WrongAnswer) return error.message
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? String(error.code) : ''
  const words = connectionWords[code]
  if (words) return isOfClock(code) ? `${words} It says ${now.toISOString()}.` : words
  return isCertificateFault(code) ? otherServer : `${error.message}.`
}

export function isOfClock(code: string): boolean {
  return code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED'
}

/** Codes of OpenSSL's verification (X509_V_ERR_…) as Node names them, and Node's own for another name. */
function isCertificateFault(code: string): boolean {
  return /CERT|SIGNATURE|INVALID_PURPOSE|ALTNAME|ISSUER|CHAIN/.test(code)
}
