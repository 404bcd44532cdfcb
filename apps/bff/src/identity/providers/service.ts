/** Adds, changes and deletes identity providers. They are read where they are used, so other servers see a change at once. */
import { type IdentityProvider, maxProviders } from '@gatehouse/contract/identity/providers'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { timestamp } from '../../platform/base/clock.ts'
import { orTaken, requireVersion } from '../../platform/base/conflict.ts'
import { newId } from '../../platform/base/id.ts'
import type { Keyring } from '../../platform/base/keyring.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { unlinkAll } from '../identities/link.ts'
import { countOrigins } from '../identities/store.ts'
import type { UsersContext } from '../users/context.ts'
import { requireStillHeld } from '../users/limits.ts'
import { auditFactsOf } from './audit-facts.ts'
import type { ProviderConnectors } from './connector.ts'
import { type Create, changedProvider, newProvider, requireGood, type Update } from './draft.ts'
import { followAccess } from './follow-access.ts'
import { requireMayMap } from './mapping-limits.ts'
import { replaceMappings } from './mappings-store.ts'
import { boxSecret, countProviders, deleteProvider, findProvider, insertProvider, updateProvider } from './store.ts'
import { takeUnmappedRoles } from './take-roles.ts'

export interface ProvidersContext extends Pick<UsersContext, 'db' | 'reader' | 'clock' | 'enforcers' | 'vouching'> {
  keyring: Keyring
  connectors: ProviderConnectors
}

export async function createProvider(context: ProvidersContext, body: Create, by: By): Promise<IdentityProvider> {
  const { db, clock, keyring, connectors } = context
  const provider = newProvider(body, clock)
  await requireGood(provider, connectors)
  const { secret } = body
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, by.caller)
    if ((await countProviders(trx)) >= maxProviders) throw new Problem('too_many_providers')
    await requireMayMap(trx, by.caller, { before: null, after: provider })
    await orTaken(insertProvider(trx, provider, secret && boxSecret(keyring, provider.id, secret)), nameTaken)
    await writeMappings(trx, context, { provider, by })
    await recordEvent(trx, clock, {
      action: 'identity-provider.created',
      actor: actorOf(by.caller, by.request),
      target: auditTarget.identityProvider(provider),
      after: await auditFactsOf(trx, provider),
    })
  })
  return provider
}

export async function changeProvider(
  context: ProvidersContext,
  { id, body, ...by }: By & { id: string; body: Update },
): Promise<IdentityProvider> {
  const { db, clock, keyring, connectors, enforcers } = context
  const { secret } = body
  const { provider, sequences } = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, by.caller)
    const before = await requireProvider(trx, id)
    requireVersion(by.request.ifMatch, before.version)
    const after = changedProvider(before, body)
    await requireGood(after, connectors)
    await requireMayMap(trx, by.caller, { before, after })
    const secretBox = secret && boxSecret(keyring, id, secret)
    await updateProvider(trx, after, { secretBox, at: timestamp(clock) })
    await writeMappings(trx, context, { provider: after, by })
    const mapsAnew = body.mappings !== undefined || body.settings !== undefined
    const taken = mapsAnew ? await takeUnmappedRoles(trx, context, { provider: after, by }) : []
    const followed = await followAccess(trx, clock, { before, after })
    await recordEvent(trx, clock, {
      action: 'identity-provider.updated',
      actor: actorOf(by.caller, by.request),
      target: auditTarget.identityProvider(after),
      before: await auditFactsOf(trx, before),
      after: {
        ...(await auditFactsOf(trx, after)),
        ...(secret !== undefined && { credentialsChanged: true }),
        ...followed.ended,
      },
    })
    return { provider: after, sequences: [...taken, ...followed.sequences] }
  })
  await enforcers.waitFor(sequences)
  return provider
}

export async function removeProvider(
  { db, clock }: ProvidersContext,
  { id, caller, request }: By & { id: string },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const before = await requireProvider(trx, id)
    requireVersion(request.ifMatch, before.version)
    const users = await countOrigins(trx, id)
    if (users > 0) throw new Problem('provider_in_use', { facts: { users } })
    const actor = actorOf(caller, request)
    await unlinkAll(trx, clock, { providerId: id, actor })
    await recordEvent(trx, clock, {
      action: 'identity-provider.deleted',
      actor,
      target: auditTarget.identityProvider(before),
      before: await auditFactsOf(trx, before),
    })
    await deleteProvider(trx, id)
  })
}

export async function requireProvider(db: Db, id: string): Promise<IdentityProvider> {
  const provider = await findProvider(db, id)
  if (!provider) throw new Problem('not_found')
  return provider
}

async function writeMappings(
  trx: Trx,
  { clock }: ProvidersContext,
  { provider: { id, mappings }, by }: { provider: IdentityProvider; by: By },
): Promise<void> {
  await replaceMappings(trx, {
    providerId: id,
    mappings,
    authorId: by.caller.userId,
    at: timestamp(clock),
    newId: () => newId(clock.now()),
  })
}

function nameTaken(): Problem {
  return new Problem('name_taken', { fields: { name: 'name_taken' } })
}
