/** What a change of rights needs from the certificate authorities. `certificates/authorities` implements it. */

import type { Permission } from '@gatehouse/contract/access/permission'
import type { Answered } from '@gatehouse/contract/certificates/confirmations'
import type { Trx } from '../../platform/db/open.ts'
import type { Caller, RequestInfo } from '../../platform/http/request.ts'

/** The users whose rights a change concerns. `permissions`: those of the role before and after the change. */
export type Concerned = { users: readonly string[] } | { holdersOf: string; permissions: readonly Permission[] }

/** The state before a change: the pairs of authority and user that were not confirmed, and the users who limited an authority. */
export interface SeenBefore {
  unconfirmed: ReadonlySet<string>
  limiters: ReadonlySet<string>
}

export interface AuthorityLimitsPort {
  /** Call it before the change, within its transaction. */
  look(trx: Trx, concerned: Concerned): Promise<SeenBefore>
  /**
   * Call it after the change. Throws `authority_unconfirmed` if the limit of an authority no longer covers a user and the
   * caller gave no answer for that authority. Returns whether the broker must reload its trust store.
   */
  settle(
    trx: Trx,
    change: { concerned: Concerned; before: SeenBefore; answered: Answered; caller: Caller; request: RequestInfo },
  ): Promise<{ concernsTrust: boolean }>
}

export const nothingSeen: SeenBefore = { unconfirmed: new Set(), limiters: new Set() }

/** The answers of a request without a body: fingerprints, separated by commas. */
export function readAnswered({
  confirm,
  decline,
}: {
  confirm?: string | undefined
  decline?: string | undefined
}): Answered {
  return { confirm: confirm?.split(','), decline: decline?.split(',') }
}
