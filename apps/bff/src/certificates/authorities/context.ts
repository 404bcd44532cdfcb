import type { TrustImpact } from '@gatehouse/contract/certificates/impact'
import type { Clock } from '../../platform/base/clock.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import type { Db } from '../../platform/db/open.ts'
import type { AuthorityChange, ChainExamples, PathChange } from '../trust/changes.ts'

/** What the enforcers know about trust. Null: no answer within two seconds. */
export interface AuthorityEnforcers extends Enforcers {
  impactOnAuthority(fingerprint: string, change: AuthorityChange): Promise<TrustImpact>
  /**
   * For each list of examples (DER as presented): the authorities that vouch for the first valid one, now and after
   * this change.
   */
  pathsAfter(
    fingerprint: string,
    asked: { change: AuthorityChange; examples: ChainExamples },
  ): Promise<PathChange[] | null>
  /** By authority: the connections and users that it vouches for now. */
  connectionsByAuthority(): Promise<ReadonlyMap<string, { connections: number; users: number }> | null>
}

/** The built-in authority, as other features see it. */
export interface BuiltInPort {
  /** The CA file for clients: the certificate, then those above it. */
  readonly authority: { certificatePem: string }
  /** To be called after an authority was deleted. If it was the predecessor of the built-in one, the overlap ends. */
  settle(): Promise<void>
}

export interface AuthoritiesContext {
  db: Db
  reader: Db
  clock: Clock
  enforcers: AuthorityEnforcers
  builtIn: BuiltInPort
}
