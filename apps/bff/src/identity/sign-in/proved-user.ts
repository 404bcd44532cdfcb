/** The user whose password was proved. A person of a directory becomes a user at the first sign-in. */
import type { ErrorCode } from '@gatehouse/contract/errors'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import { findIdentity } from '../identities/store.ts'
import { provision } from '../providers/provision.ts'
import type { UsersContext } from '../users/context.ts'
import { type Credentials, findCredentialsById } from '../users/credentials-store.ts'
import type { PasswordProof } from '../users/prove-password.ts'
import type { SignInIdentity } from './renew.ts'

export interface Holder {
  user: Credentials | null
  /** What the directory's answer refuses; null: nothing. */
  refusal: ErrorCode | null
  /** The identity that was proved. Null: the local password. */
  identity: SignInIdentity | null
  /** Changes that brokers have to enforce. */
  sequences: readonly number[]
}

/** The user before the transaction of the sign-in. Null: there is none yet. */
export async function findHolderId(
  reader: Db,
  { known, password }: { known: { id: string } | null; password: PasswordProof },
): Promise<string | null> {
  if (password.outcome !== 'right' || !password.account) return known?.id ?? null
  const { provider, subject } = password.account
  return (await findIdentity(reader, { providerId: provider.id, subject }))?.user_id ?? null
}

/** Makes the user of a person who signs in for the first time, and brings a known one up to date. */
export async function takeHolder(
  trx: Trx,
  context: UsersContext,
  { holderId, password, actor }: { holderId: string | null; password: PasswordProof; actor: Actor },
): Promise<Holder> {
  const find = async (id: string | null) => (id === null ? null : findCredentialsById(trx, id))
  if (password.outcome !== 'right') return local(await find(holderId))
  const { account, stored } = password
  if (!account) {
    const user = await find(holderId)
    // A password that was changed meanwhile is wrong.
    return local(user?.password_hash === stored ? user : null)
  }
  const provisioned = await provision(trx, context, { account, actor, isSignIn: true })
  const user = await find(provisioned.userId)
  const { sequences } = provisioned
  if (provisioned.outcome === 'refused') return { user, refusal: provisioned.code, identity: null, sequences }
  const identity = { id: provisioned.identityId, provider: account.provider }
  return { user, refusal: null, identity, sequences }
}

function local(user: Credentials | null): Holder {
  return { user, refusal: null, identity: null, sequences: [] }
}
