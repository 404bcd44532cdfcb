/**
 * The console's one client. A refusal that asks for a sign-in, a proof or a confirmation opens the dialog for it, and the client
 * sends the call again. A change is not sent while the server cannot be reached.
 */

import type { Answered } from '@gatehouse/contract/certificates/confirmations'
import { ApiProblem, type Call, createClient, type Input } from '@gatehouse/contract/client'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { operationOf, type Route } from '@gatehouse/contract/route'
import { withProof } from './proof.ts'
import { isReached, NotSent, watchedFetch } from './reachability.ts'
import { withConfirmation } from './unconfirmed.ts'

/** Asks nobody to sign in: for `session.view`, where "not signed in" is a normal answer, and for signing in itself. */
export const callQuietly: Call = createClient({ fetch: watchedFetch })

let afterSessionEnd = (): Promise<boolean> => Promise.resolve(false)

/** `handler` is called when the session has ended, or when its stage no longer allows the call. It resolves with whether the same user has signed in again. */
export function whenSessionEnds(handler: () => Promise<boolean>): void {
  afterSessionEnd = handler
}

export const call: Call = async (route, input) => {
  if (!isReached() && operationOf(route) === 'write') throw new NotSent()
  return withSession(() =>
    withConfirmation((answered) => withProof(() => callQuietly(route, withAnswer(route, input, answered)))),
  )
}

/** A refusal may be about an earlier session. More in a row are not, although the server shows a session. */
const mostAttempts = 3

/** Asks to sign in again if the session has ended, and tries again then. */
export async function withSession<T>(attempt: () => Promise<T>, attempts = 1): Promise<T> {
  try {
    return await attempt()
  } catch (error) {
    if (!isRefusal(error, 'not_signed_in') && !isRefusal(error, 'stage_not_allowed')) throw error
    if (attempts === mostAttempts || !(await afterSessionEnd())) throw error
    return withSession(attempt, attempts + 1)
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
