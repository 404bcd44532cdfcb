/**
 * The console's one client. A refusal that means "this session is over" is announced once, whoever made the call. A refusal
 * that asks for a proof, or for a confirmation, opens the dialog for it, and the client sends the call again.
 */

import type { Answered } from '@gatehouse/contract/certificates/confirmations'
import { ApiProblem, type Call, createClient, type Input } from '@gatehouse/contract/client'
import type { ErrorCode } from '@gatehouse/contract/errors'
import type { Route } from '@gatehouse/contract/route'
import { withProof } from './proof.ts'
import { withConfirmation } from './unconfirmed.ts'

/** Announces no ended session: for `session.view`, where "not signed in" is a normal answer. */
export const callQuietly: Call = createClient()

let announce = (): void => {}

/** Called when the session has ended, or when its stage no longer allows the call. */
export function whenSessionEnds(handler: () => void): void {
  announce = handler
}

export const call: Call = async (route, input) => {
  try {
    return await withConfirmation((answered) => withProof(() => callQuietly(route, withAnswer(route, input, answered))))
  } catch (error) {
    if (isRefusal(error, 'not_signed_in') || isRefusal(error, 'stage_not_allowed')) announce()
    throw error
  }
}

/** The answer goes with the body, or into the path of a request that has none. */
function withAnswer<R extends Route>(route: R, input: Input<R>, answered: Answered | null): Input<R> {
  if (answered === null) return input
  if (route.body) return { ...input, body: { ...bodyOf(input), ...answered } }
  const inPath = Object.entries(answered).map(([key, fingerprints]) => [key, fingerprints?.join(',')])
  return { ...input, search: { ...searchOf(input), ...Object.fromEntries(inPath) } }
}

function bodyOf(input: object): object {
  return 'body' in input && typeof input.body === 'object' && input.body !== null ? input.body : {}
}

function searchOf(input: object): object {
  return 'search' in input && typeof input.search === 'object' && input.search !== null ? input.search : {}
}

export function isRefusal(error: unknown, code: ErrorCode): error is ApiProblem {
  return error instanceof ApiProblem && error.code === code
}
