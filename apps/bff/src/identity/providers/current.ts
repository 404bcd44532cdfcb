import type { IdentityProvider } from '@gatehouse/contract/identity/providers'
import type { Trx } from '../../platform/db/open.ts'
import { findProvider } from './store.ts'

/**
 * The provider as it is in this transaction. Its answer took time, and an administrator may have changed the mappings since.
 * `unknown_provider`: it was disabled or deleted. `provider_unavailable`: its settings changed, so the answer may come from
 * another server.
 */
export async function findCurrent(
  trx: Trx,
  asked: IdentityProvider,
): Promise<IdentityProvider | 'unknown_provider' | 'provider_unavailable'> {
  const now = await findProvider(trx, asked.id)
  if (!now?.enabled) return 'unknown_provider'
  const isSame = now.kind === asked.kind && JSON.stringify(now.settings) === JSON.stringify(asked.settings)
  return isSame ? now : 'provider_unavailable'
}
