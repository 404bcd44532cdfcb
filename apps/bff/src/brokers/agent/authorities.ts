/** The enforcers' CAs that the agent trusts. The enrolment names the first one, and later answers of the console name others. */
import { fingerprintOf, isIssuedBy, splitPem } from '../enforcers/authority-certificates.ts'
import { WrongAnswer } from './console-fault.ts'
import type { Identity } from './identity.ts'

/**
 * Returns the PEM of the CAs that the agent trusts from now on; null if nothing changes. Throws `WrongAnswer` if the answer names no
 * CA that the agent trusts now: one answer must not move the agent to another console, or lock it out.
 */
export function changedAuthorities({ authority }: Identity, answered: readonly string[]): string | null {
  const known = splitPem(authority).map(fingerprintOf)
  const named = answered.map(readFingerprint)
  if (!named.some((fingerprint) => known.includes(fingerprint))) throw new WrongAnswer('it names no CA that is known')
  return known.join() === named.join() ? null : answered.join('\n')
}

/** The fingerprint of the CA that shall issue the certificate. */
export function newestAuthority({ authority }: Identity): string {
  return fingerprintOf(newestOf(authority))
}

export function isOfNewestAuthority({ certificate, authority }: Identity): boolean {
  return isIssuedBy(certificate, newestOf(authority))
}

function newestOf(authority: string): string {
  return splitPem(authority).at(-1) ?? authority
}

function readFingerprint(pem: string): string {
  try {
    return fingerprintOf(pem)
  } catch (error) {
    throw new WrongAnswer('it names a CA that cannot be read', { cause: error })
  }
}
