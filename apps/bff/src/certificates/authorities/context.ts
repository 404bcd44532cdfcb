import type { Clock } from '../../platform/base/clock.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import type { Db } from '../../platform/db/open.ts'

export type AuthorityChange = { delete: true } | { usernames: readonly string[] }

/** Who vouches for a certificate by one path, and for which usernames: those within each of the limits. */
export interface Vouching {
  authority: string
  limits: readonly { authority: string; usernames: readonly string[] }[]
}

/** What a change of trust tells the broker, after the commit. Null: not confirmed in time. */
export interface LiveTrust extends Enforcers {
  impactOnAuthority(
    fingerprint: string,
    change: AuthorityChange,
  ): Promise<{ connections: number; usernames: string[]; userCount: number } | null>
  /** For each list of examples (DER as presented): by which ways the first that is good is vouched for, as it is and after this change. */
  vouchingAfter(
    fingerprint: string,
    asked: { change: AuthorityChange; examples: readonly (readonly (readonly Uint8Array[])[])[] },
  ): Promise<{ before: Vouching[]; after: Vouching[] }[] | null>
  /** By authority: for how many connections and users it vouches now. */
  vouchedFor(): Promise<ReadonlyMap<string, { connections: number; users: number }> | null>
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
  live: LiveTrust
  builtIn: BuiltInPort
}
