import type { ProviderImpact } from '@gatehouse/contract/identity/provider-previews'
import { later, timestamp } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { countOrigins } from '../identities/store.ts'
import { countSessionsOfProvider } from '../sign-in/store.ts'
import { countTokensOfProvider } from '../tokens/store.ts'
import { identitiesInSlices } from './mapping-changes.ts'
import { type ProvidersContext, requireProvider } from './service.ts'

/** Previews how many connections, sessions and tokens end when the provider is disabled. */
export async function previewAccess(
  { reader, clock, enforcers }: ProvidersContext,
  { id, keepsCertificates }: { id: string; keepsCertificates: boolean },
): Promise<ProviderImpact> {
  await requireProvider(reader, id)
  const now = timestamp(clock)
  const { session } = await readPolicies(reader)
  const seenSince = later(clock.now(), -session.idleMinutes * 60_000)
  return {
    ...(await enforcers.impactOnOrigin({ slices: originsInSlices(reader, id), keepsCertificates })),
    users: await countOrigins(reader, id),
    sessions: await countSessionsOfProvider(reader, { providerId: id, now, seenSince }),
    tokens: await countTokensOfProvider(reader, id, now),
  }
}

async function* originsInSlices(reader: Db, providerId: string): AsyncGenerator<string[]> {
  for await (const identities of identitiesInSlices(reader, providerId)) {
    yield identities.filter(({ is_origin }) => is_origin === 1).map(({ user_id }) => user_id)
  }
}
