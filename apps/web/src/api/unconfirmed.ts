/**
 * A change that was refused with `authority_unconfirmed` waits for the person to say whether the authority may vouch for the users all the
 * same, and is sent again with the answer.
 */

import { type Answered, UnconfirmedAuthority } from '@gatehouse/contract/certificates/confirmations'
import { ApiProblem } from '@gatehouse/contract/client'
import { questions } from './questions.ts'

export async function withConfirmation<T>(send: (answered: Answered | null) => Promise<T>): Promise<T> {
  try {
    return await send(null)
  } catch (error) {
    const authorities = readUnconfirmed(error)
    if (authorities.length === 0) throw error
    const answer = await questions().askForConfirmation(authorities)
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
