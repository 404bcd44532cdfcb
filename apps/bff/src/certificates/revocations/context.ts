import type { Clock } from '../../platform/base/clock.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import type { Db } from '../../platform/db/open.ts'
import type { TrustImpact } from '../trust/changes.ts'

/** What the enforcers know about certificates in use. Null: no answer in time. */
export interface RevocationEnforcers extends Enforcers {
  impactOnRevocation(revoked: { issuerKey: string; serialNumber: string }): Promise<TrustImpact | null>
  /** DER of the certificates that a live connection presented, the leaf first. */
  presentedBy(connectionId: string): Promise<{ presented: Uint8Array[] } | null>
}

export interface RevocationsContext {
  db: Db
  reader: Db
  clock: Clock
  enforcers: RevocationEnforcers
}

export const notCounted = { connections: null, usernames: [], userCount: 0 }
