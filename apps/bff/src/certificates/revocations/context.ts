import type { TrustImpact } from '@gatehouse/contract/certificates/impact'
import type { Clock } from '../../platform/base/clock.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import type { Db } from '../../platform/db/open.ts'

export interface RevokedCertificate {
  issuerKey: string
  serialNumber: string
  /** Its Common Name, if that is known and a valid username. */
  username: string | null
}

/** What the enforcers know about certificates in use. Null: no answer in time. */
export interface RevocationEnforcers extends Enforcers {
  impactOnRevocation(revoked: RevokedCertificate): Promise<TrustImpact>
  /** DER of the certificates that a live connection presented, the leaf first. */
  presentedBy(connectionId: string): Promise<{ presented: Uint8Array[] } | null>
}

export interface RevocationsContext {
  db: Db
  reader: Db
  clock: Clock
  enforcers: RevocationEnforcers
}
