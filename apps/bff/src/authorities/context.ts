import type { Clock } from '../base/clock.ts'
import type { Db } from '../db/open.ts'

/** What a change of trust tells the broker, after the commit. Null: not confirmed in time. */
export interface LiveTrust {
  /** Takes the trust store anew; answers how many connections ended. */
  retrust(): Promise<number | null>
  impactOnAuthority(
    fingerprint: string,
    change: { delete: true } | { usernames: readonly string[] },
  ): Promise<{ connections: number; usernames: string[]; userCount: number } | null>
  /** By authority: for how many connections and users it vouches now. */
  vouchedFor(): Promise<ReadonlyMap<string, { connections: number; users: number }> | null>
}

export interface AuthoritiesContext {
  db: Db
  reader: Db
  clock: Clock
  live: LiveTrust
}
