/** Links and unlinks identities, within a transaction. An identity belongs to one user, and a user has one at each provider. */
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import { oneLine } from '../providers/bounded-account.ts'
import type { ProviderAccount } from '../providers/connector.ts'
import { findCurrent } from '../providers/current.ts'
import { identitiesInSlices } from '../providers/mapping-changes.ts'
import { usersById } from '../users/lookup-store.ts'
import { deleteIdentity, findIdentity, findIdentityOfUser, type IdentityRow, insertIdentity } from './store.ts'

interface Linking {
  user: { id: string; username: string }
  account: Pick<ProviderAccount, 'provider' | 'subject' | 'isDisabled'> & { username: string | null }
  actor: Actor
}

/**
 * The caller has checked a recent proof of the user and a proof of the identity; or that an administrator covers the user.
 * Throws `identity_taken`, `account_disabled_there`, or why the provider does not count any more. Returns the id of the identity.
 */
export async function linkIdentity(trx: Trx, clock: Clock, { user, account, actor }: Linking): Promise<string> {
  const { provider, subject, username, isDisabled } = account
  const current = await findCurrent(trx, provider)
  if (typeof current === 'string') throw new Problem(current)
  if (isDisabled) throw new Problem('account_disabled_there')
  const known = await findIdentity(trx, { providerId: provider.id, subject })
  const own = await findIdentityOfUser(trx, { userId: user.id, providerId: provider.id })
  if (known || own) throw new Problem('identity_taken')
  const id = newId(clock.now())
  const label = username === null ? null : oneLine(username)
  await insertIdentity(trx, {
    id,
    user_id: user.id,
    provider_id: provider.id,
    subject,
    label,
    is_origin: 0,
    source_groups: null,
    disabled_at: null,
    linked_at: timestamp(clock),
    last_seen_at: null,
    last_provider_sign_in_at: null,
  })
  await recordEvent(trx, clock, {
    action: 'identity.linked',
    actor,
    target: auditTarget.user(user),
    after: { identityProvider: `${provider.kind}:${provider.name}`, subject, label },
  })
  return id
}

/** Ends the sessions that began with this identity too. Throws `origin_identity` if it is the identity that the user comes from. */
export async function unlinkIdentity(
  trx: Trx,
  clock: Clock,
  { identity, username, actor }: { identity: IdentityRow; username: string; actor: Actor },
): Promise<void> {
  if (identity.is_origin === 1) throw new Problem('origin_identity')
  await deleteIdentity(trx, identity.id)
  await recordEvent(trx, clock, {
    action: 'identity.unlinked',
    actor,
    target: auditTarget.user({ id: identity.user_id, username }),
    before: { subject: identity.subject, label: identity.label },
  })
}

/** Unlinks all identities of a provider, before it is deleted. Throws `origin_identity` if a user comes from the provider. */
export async function unlinkAll(
  trx: Trx,
  clock: Clock,
  { providerId, actor }: { providerId: string; actor: Actor },
): Promise<void> {
  for await (const identities of identitiesInSlices(trx, providerId)) {
    const users = await usersById(
      trx,
      identities.map(({ user_id }) => user_id),
    )
    const names = new Map(users.map(({ id, username }) => [id, username]))
    for (const identity of identities) {
      await unlinkIdentity(trx, clock, { identity, username: names.get(identity.user_id) ?? '', actor })
    }
  }
}
