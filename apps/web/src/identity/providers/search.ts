import { ProviderKind } from '@gatehouse/contract/identity/provider-names'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import * as z from 'zod/mini'
import { queryFor } from '../../api/queries.ts'
import { parameter } from '../../ui/list-parameters.ts'

/** The URL of the list: the kind of the provider that is being added. */
export const ProvidersSearch = z.object({ create: parameter(ProviderKind) })
export type ProvidersSearch = z.output<typeof ProvidersSearch>

/** The URL of the page of a provider: which dialog is open. */
export const ProviderSearch = z.object({ edit: parameter(z.enum(['settings', 'mappings'])) })
export type ProviderSearch = z.output<typeof ProviderSearch>

export const providersQuery = queryFor(identityProviders.list, {})

export function providerQuery(id: string) {
  return queryFor(identityProviders.view, { params: { id } })
}
