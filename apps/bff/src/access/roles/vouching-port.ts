/** What a change of rights asks the authorities: see `authorities/unconfirmed.ts`, which comes later in the order of features. */

import type { Permission } from '@gatehouse/contract/access/permission'
import type { Answered } from '@gatehouse/contract/certificates/confirmations'
import type { Trx } from '../../platform/db/open.ts'
import type { Caller, RequestInfo } from '../../platform/http/request.ts'

/** Whose rights a change is about. `permissions`: all that the role allowed before and allows after. */
export type Concerned = { users: readonly string[] } | { holdersOf: string; permissions: readonly Permission[] }

/** For whom authorities did not vouch before the change, and which users had limited one. */
export interface SeenBefore {
  unconfirmed: ReadonlySet<string>
  limiters: ReadonlySet<string>
}

export interface VouchingPort {
  /** Called before the change, within its transaction. */
  look(trx: Trx, concerned: Concerned): Promise<SeenBefore>
  /**
   * Called after it. Throws `authority_unconfirmed` where an authority would no longer vouch for a user and the caller has not said what is
   * to be. Answers whether the change concerns the trust store of the broker.
   */
  settle(
    trx: Trx,
    change: { concerned: Concerned; before: SeenBefore; answered: Answered; caller: Caller; request: RequestInfo },
  ): Promise<{ concernsTrust: boolean }>
}

export const nothingSeen: SeenBefore = { unconfirmed: new Set(), limiters: new Set() }

/** As a request without a body says it. */
export function readAnswered({
  confirm,
  decline,
}: {
  confirm?: string | undefined
  decline?: string | undefined
}): Answered {
  return { confirm: confirm?.split(','), decline: decline?.split(',') }
}
