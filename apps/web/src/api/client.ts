/**
 * The console's one client. A refusal that means "this session is over" is announced once, whoever made the call. A refusal
 * that asks for a proof opens the dialog for it, and the call is sent again: so no change can forget to ask.
 */
import { ApiProblem, type Call, createClient } from '@gatehouse/contract/client'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { withProof } from './proof.ts'

/** Announces nothing: for the question who is signed in, to which "nobody" is an answer. */
export const callQuietly: Call = createClient()

let announce = (): void => {}

/** Called when the server no longer takes this session as it was: ended, or with something due before it is complete. */
export function whenSessionEnds(handler: () => void): void {
  announce = handler
}

export const call: Call = async (route, input) => {
  try {
    return await withProof(() => callQuietly(route, input))
  } catch (error) {
    if (isRefusal(error, 'not_signed_in') || isRefusal(error, 'stage_not_allowed')) announce()
    throw error
  }
}

export function isRefusal(error: unknown, code: ErrorCode): error is ApiProblem {
  return error instanceof ApiProblem && error.code === code
}
