/**
 * A change that was refused with `authority_unconfirmed` waits for the person to say whether the authority may vouch for the users all the
 * same, and is sent again with the answer.
 */

import { type Answered, UnconfirmedAuthority } from '@gatehouse/contract/certificates/confirmations'
import { ApiProblem } from '@gatehouse/contract/client'
import { dialogSlot } from '../ui/dialog-slot.ts'

/** The one dialog that asks; the shell shows it. Null: closed without an answer, so nothing is sent again. */
export const unconfirmedSlot = dialogSlot<readonly UnconfirmedAuthority[], keyof Answered | null>()

export async function withConfirmation<T>(send: (answered: Answered | null) => Promise<T>): Promise<T> {
  try {
    return await send(null)
  } catch (error) {
    const authorities = readUnconfirmed(error)
    if (authorities.length === 0) throw error
    const answer = await unconfirmedSlot.open(authorities)
    if (answer === null) throw error
    return send({ [answer]: authorities.map(({ fingerprint }) => fingerprint) })
  }
}

function readUnconfirmed(error: unknown): UnconfirmedAuthority[] {
  if (!(error instanceof ApiProblem && error.code === 'authority_unconfirmed')) return []
  const named = error.problem.facts?.['authorities']
  if (!Array.isArray(named)) return []
  return named.flatMap((one) => UnconfirmedAuthority.safeParse(one).data ?? [])
}
