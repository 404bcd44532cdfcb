import type { Clock } from '../../platform/base/clock.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import type { Db } from '../../platform/db/open.ts'
import type { AuthorityChange, TrustImpact, VouchingChange, VouchingExamples } from '../trust/changes.ts'

/** What a change of trust tells the broker, after the commit. Null: not confirmed in time. */
export interface AuthorityEnforcers extends Enforcers {
  impactOnAuthority(fingerprint: string, change: AuthorityChange): Promise<TrustImpact | null>
  /** For each list of examples (DER as presented): by which ways the first that is good is vouched for, as it is and after this change. */
  vouchingAfter(
    fingerprint: string,
    asked: { change: AuthorityChange; examples: VouchingExamples },
  ): Promise<VouchingChange[] | null>
  /** By authority: for how many connections and users it vouches now. */
  connectionsByAuthority(): Promise<ReadonlyMap<string, { connections: number; users: number }> | null>
}

/** The built-in authority, as far as the others know it. */
export interface BuiltInPort {
  /** What clients give as their CA file: it, then those above it. */
  readonly authority: { certificatePem: string }
  /** An authority is gone; if it was the one before the built-in one, the overlap ends. */
  settle(): Promise<void>
}

export interface AuthoritiesContext {
  db: Db
  reader: Db
  clock: Clock
  enforcers: AuthorityEnforcers
  builtIn: BuiltInPort
}
