import type { UserFacts } from '../../access/decision/facts.ts'
import type { VouchingPort } from '../../access/roles/vouching-port.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import type { PasswordKnown } from '../passwords/known-password.ts'

/** What a change of users tells the broker, after the commit. Numbers are connections that ended; null: not confirmed. */
export interface UserEnforcers extends Enforcers {
  /** How many connections would end if the user had these facts. Null facts: the user is deleted. Changes nothing. */
  impactOnUser(userId: string, facts: UserFacts | null): Promise<number | null>
  connectionsOf(userId: string): Promise<number | null>
}

/**
 * Ends the tokens that a stolen password could have made, within the transaction: those of `/login` and of unknown origin, and
 * with `consoleToo` those made in the console. Returns how many ended.
 */
export type EndTokensOfPassword = (trx: Trx, of: { userId: string; consoleToo: boolean }) => Promise<number>

export interface UsersContext {
  db: Db
  reader: Db
  clock: Clock
  enforcers: UserEnforcers
  passwordKnown: PasswordKnown
  vouching: VouchingPort
  /** Ends the user's sessions in the console, within the transaction. */
  endSessions(trx: Trx, userId: string): Promise<void>
  endTokensOfPassword: EndTokensOfPassword
  /** Revokes the certificates that were issued to the user, within the transaction. Returns how many. */
  endCertificates(trx: Trx, of: { userId: string; actor: Actor }): Promise<number>
  /** Remembers the name of a deleted user, so that no admission rule admits it again, within the transaction. */
  rememberDeleted(trx: Trx, of: { username: string; actor: Actor }): Promise<void>
}
