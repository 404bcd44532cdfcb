/**
 * TOTP, RFC 6238: SHA-1, six digits, steps of 30 seconds, a secret of 160 bits. One step of drift is accepted both ways
 * (§5.2). Which step a code belongs to is answered, so that it can be used up: a code is good once.
 */
import { generateSecret, verifySync } from 'otplib'

const issuer = 'Gatehouse'
const stepSeconds = 30

/** Base32, 32 characters. */
export function newTotpSecret(): string {
  return generateSecret()
}

/** What the QR code holds. By hand: otplib leaves the colon of a username, which ends the issuer, as it is. */
export function otpauthUri(username: string, secret: string): string {
  return `otpauth://totp/${issuer}:${encodeURIComponent(username)}?secret=${secret}&issuer=${issuer}`
}

/** The step at which this code is right, or null. otplib wants seconds: with milliseconds it would just say no. */
export function findStep(secret: string, code: string, at: Date): number | null {
  // Anything else makes otplib throw; the contract has refused it before, this is the last line.
  if (!/^[0-9]{6}$/.test(code)) return null
  const epoch = Math.floor(at.getTime() / 1_000)
  const result = verifySync({ secret, token: code, epoch, epochTolerance: stepSeconds })
  return result.valid && 'timeStep' in result ? result.timeStep : null
}
