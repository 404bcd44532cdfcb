import type { Trx } from '../../platform/db/open.ts'
import { forgetFactorProofs } from '../sign-in/store.ts'
import { setEnrolledAt } from '../users/factor-store.ts'
import { deleteAuthenticators } from './authenticators-store.ts'
import { deleteEnrolmentsOf } from './enrolments-store.ts'

/** Turns the second factor off. Its proofs in open sessions go too: they prove nothing about the next second factor. */
export async function turnFactorOff(trx: Trx, userId: string): Promise<void> {
  await deleteAuthenticators(trx, userId)
  await deleteEnrolmentsOf(trx, userId)
  await forgetFactorProofs(trx, userId)
  await setEnrolledAt(trx, userId, null)
}
