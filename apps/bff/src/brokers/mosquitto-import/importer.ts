/** Who imports: a caller of the API, or the person at the machine, who could write into the database anyway. */
import { everything } from '@gatehouse/contract/access/permission'
import { requireStillHeld } from '../../identity/users/limits.ts'
import type { Trx } from '../../platform/db/open.ts'
import { type Actor, actorOf, type By } from '../../platform/http/request.ts'

export interface Importer extends By {
  actor: Actor
  /** Throws `not_permitted` if the importer has lost a right since the plan was made. */
  requireStillHeld(trx: Trx): Promise<void>
}

export function callerAsImporter({ caller, request }: By): Importer {
  return { caller, request, actor: actorOf(caller, request), requireStillHeld: (trx) => requireStillHeld(trx, caller) }
}

const nobody = () => {
  throw new Error('The person at the machine has no session')
}

export const machineAsImporter: Importer = {
  caller: {
    userId: '',
    username: 'npm run admin',
    displayName: null,
    identityProvider: 'local',
    roleNames: [],
    stage: 'full',
    permissions: [...everything],
    via: 'token',
    sessionId: null,
    hasFactor: false,
    notice: null,
    hasRecentProof: true,
    provider: null,
    lifetime: null,
  },
  request: {
    id: '',
    address: '',
    userAgent: null,
    ifMatch: null,
    exportAs: null,
    sessionSecret: null,
    devices: [],
    isBrowser: false,
    setSession: nobody,
    setDevices: nobody,
    clearSession: nobody,
    renewCaller: nobody,
  },
  actor: { userId: null, username: null, via: 'machine', address: null },
  requireStillHeld: async () => {},
}
