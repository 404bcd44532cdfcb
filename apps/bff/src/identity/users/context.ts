import type { UserImpact } from '@gatehouse/contract/identity/users'
import type { UserFacts } from '../../access/decision/facts.ts'
import type { AuthorityLimitsPort } from '../../access/roles/authority-limits-port.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import type { PasswordKnown } from '../passwords/known-password.ts'

/** A user as a change would leave it. Null facts: the user is deleted. */
export interface ForeseenUser {
  userId: string
  facts: UserFacts | null
}

/** A preview calls the embedded broker for each of them, and each other broker compares the rights of all. */
export const mostForeseen = 1_000

/** The identity provider of all these users is disabled. */
export interface OriginChange {
  slices: AsyncIterable<readonly string[]>
  /** They may connect with certificates then. */
  keepsCertificates: boolean
}

/** What a change of users tells the broker, after the commit. Numbers are connections that ended; null: not confirmed. */
export interface UserEnforcers extends Enforcers {
  /** What would end if these users had these facts. Changes nothing. */
  impactOnUsers(users: readonly ForeseenUser[]): Promise<Pick<UserImpact, 'connections' | 'connectionsByBroker'>>
  /** What would end if the identity provider of these users were disabled; null for too many users. Changes nothing. */
  impactOnOrigin(of: OriginChange): Promise<Pick<UserImpact, 'connections' | 'connectionsByBroker'>>
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
  vouching: AuthorityLimitsPort
  /** Ends the user's sessions in the console, within the transaction. */
  endSessions(trx: Trx, userId: string): Promise<void>
  endTokensOfPassword: EndTokensOfPassword
  /** Revokes the certificates that were issued to the user, within the transaction. Returns how many. */
  endCertificates(trx: Trx, of: { userId: string; actor: Actor }): Promise<number>
  /** Remembers the name of a deleted user, so that no admission rule admits it again, within the transaction. */
  rememberDeleted(trx: Trx, of: { username: string; actor: Actor }): Promise<void>
}
