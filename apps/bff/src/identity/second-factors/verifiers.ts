/**
 * One verifier for each kind of authenticator. A verifier judges what the user shows and changes nothing; the match uses the
 * authenticator up later, in the transaction of what it allows (decision 54).
 */
import type { FactorProof } from '@gatehouse/contract/identity/second-factors'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { Keyring } from '../../platform/base/keyring.ts'
import type { Trx } from '../../platform/db/open.ts'
import { type Authenticator, useOnce, useStep } from './authenticators-store.ts'
import { canonical } from './backup-codes.ts'
import type { AuthenticatorKind } from './kinds.ts'
import { findStep } from './totp.ts'

export interface Match {
  /** False: another request used it up meanwhile. */
  use(trx: Trx): Promise<boolean>
}

interface Verifier {
  /** Null: what the user shows matches none of these. */
  match(context: VerifierContext, authenticators: readonly Authenticator[], shown: string): Match | null
}

interface VerifierContext {
  clock: Clock
  keyring: Keyring
}

const totp: Verifier = {
  match({ clock, keyring }, authenticators, code) {
    for (const { id, userId, data } of authenticators) {
      const step = findStep(keyring.decrypt(data, secretOf(userId)), code, clock.now())
      if (step !== null) return { use: (trx) => useStep(trx, { id, step, at: timestamp(clock) }) }
    }
    return null
  },
}

const backupCode: Verifier = {
  match({ clock, keyring }, authenticators, code) {
    const digest = backupCodeDigest(keyring, code)
    const right = authenticators.find(({ data }) => data === digest)
    return right ? { use: (trx) => useOnce(trx, { id: right.id, at: timestamp(clock) }) } : null
  },
}

const verifiers: Record<AuthenticatorKind, Verifier> = { totp, 'backup-code': backupCode }

/** Compares what the user shows with the user's authenticators of that kind. */
export function matchProof(
  context: VerifierContext,
  authenticators: readonly Authenticator[],
  proof: FactorProof,
): Match | null {
  const kind = kindOf(proof)
  const shown = 'code' in proof ? proof.code : proof.backupCode
  return verifiers[kind].match(
    context,
    authenticators.filter((each) => each.kind === kind),
    shown,
  )
}

export function kindOf(proof: FactorProof): AuthenticatorKind {
  return 'code' in proof ? 'totp' : 'backup-code'
}

export function backupCodeDigest(keyring: Keyring, code: string): string {
  return keyring.digest(canonical(code), 'backup code')
}

/** The additional data of an encrypted secret: copied to another user's row, the secret does not open. */
export function secretOf(userId: string): string {
  return `second factor of ${userId}`
}
