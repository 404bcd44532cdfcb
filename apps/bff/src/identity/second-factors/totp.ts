/**
 * TOTP (RFC 6238): SHA-1, six digits, steps of 30 seconds, a secret of 160 bits. One step of drift is accepted both ways (§5.2).
 * The caller gets the step of a code, so that it can use the step up: each code works once.
 */
import { generateSecret, verifySync } from 'otplib'

const issuer = 'Gatehouse'
const stepSeconds = 30

/** Base32, 32 characters. */
export function newTotpSecret(): string {
  return generateSecret()
}

/** The text of the QR code. otplib does not escape a colon in the username, which would end the issuer. */
export function otpauthUri(username: string, secret: string): string {
  return `otpauth://totp/${issuer}:${encodeURIComponent(username)}?secret=${secret}&issuer=${issuer}`
}

/** The step at which this code is right, or null. otplib takes seconds; with milliseconds every code would be wrong. */
export function findStep(secret: string, code: string, at: Date): number | null {
  // otplib throws on any other text. The contract refuses it before; this is the last check.
  if (!/^[0-9]{6}$/.test(code)) return null
  const epoch = Math.floor(at.getTime() / 1_000)
  const result = verifySync({ secret, token: code, epoch, epochTolerance: stepSeconds })
  return result.valid && 'timeStep' in result ? result.timeStep : null
}
