/** The account behind a session or a token: what a request needs to know about its caller, without secrets. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { User } from '@gatehouse/contract/identity/users'
import type { Db } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import type { Policies } from '../../platform/policies/store.ts'
import type { OriginSignIn } from '../identities/last-sign-in.ts'
import { findOriginSignIn } from '../identities/origin-sign-in-store.ts'
import { type HeldKind, hasSecondFactor } from '../second-factors/kinds.ts'
import { type Credentials, findCredentialsById } from './credentials-store.ts'

export interface Account {
  id: string
  username: string
  displayName: string | null
  identityProvider: string
  /** The last sign-in at the provider that the user comes from. Null: it has no end. */
  originSignIn: OriginSignIn | null
  disabledAt: string | null
  grantTypes: User['grantTypes']
  roleNames: string[]
  permissions: Permission[]
  authenticators: HeldKind[]
  isFactorDemanded: boolean
  passwordChangeRequiredAt: string | null
  /** In force when the account was read. */
  policies: Policies
}

export async function readAccount(reader: Db, userId: string): Promise<Account | null> {
  const user = await findCredentialsById(reader, userId)
  return user && accountOf(reader, user)
}

/** The account of a user who was just read. */
export async function accountOf(db: Db, user: Credentials): Promise<Account> {
  return {
    id: user.id,
    username: user.username,
    displayName: user.display_name,
    identityProvider: user.identity_provider,
    originSignIn: user.identity_provider === 'local' ? null : await findOriginSignIn(db, user.id),
    disabledAt: user.disabled_at,
    grantTypes: user.grants,
    roleNames: user.roleNames,
    permissions: user.permissions,
    authenticators: user.authenticators,
    isFactorDemanded: user.isFactorDemanded,
    passwordChangeRequiredAt: user.password_change_required_at,
    policies: user.policies,
  }
}

/** The fields of a caller that come from its account. */
export function callerOf({ id, authenticators, ...account }: Account) {
  const { username, displayName, identityProvider, roleNames, permissions } = account
  const hasFactor = hasSecondFactor(authenticators)
  const known = { userId: id, username, displayName, identityProvider, roleNames, permissions, hasFactor }
  return known satisfies Partial<Caller>
}
