import { Problem } from '../../platform/base/problem.ts'
import type { ProviderConnector } from './connector.ts'

/** A kind of provider that this version cannot connect yet: it can be described, and signs nobody in. */
export const unconnected: ProviderConnector<'ldap'> & ProviderConnector<'oidc'> = {
  judge: () => Promise.resolve({}),
  test: () => Promise.reject(new Problem('provider_unavailable')),
  describe: () => Promise.reject(new Problem('provider_unavailable')),
  prove: null,
}
