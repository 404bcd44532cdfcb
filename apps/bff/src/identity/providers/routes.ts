import type { IdentityProvider, identityProviders, ListedProvider } from '@gatehouse/contract/identity/providers'
import type { Bindings } from '../../platform/http/handle.ts'
import { describeSweep } from '../directory/sweeps-store.ts'
import { countOrigins } from '../identities/store.ts'
import { previewAccess } from './access-impact.ts'
import { previewMappings, testNewProvider, testProvider } from './probe.ts'
import { changeProvider, createProvider, type ProvidersContext, removeProvider, requireProvider } from './service.ts'
import { listProviders } from './store.ts'

/** All routes except `sweep`, which is in `directory`. */
export function providerRoutes(context: ProvidersContext): Omit<Bindings<typeof identityProviders>, 'sweep'> {
  const { reader } = context
  const listed = async (provider: IdentityProvider): Promise<ListedProvider> => {
    const users = await countOrigins(reader, provider.id)
    if (provider.kind === 'oidc') return { ...provider, users }
    return { ...provider, users, lastSweep: await describeSweep(reader, provider.id) }
  }
  return {
    list: async () => ({ items: await Promise.all((await listProviders(reader)).map(listed)) }),
    view: async ({ params }) => listed(await requireProvider(reader, params.id)),
    create: async ({ body, ...by }) => listed(await createProvider(context, body, by)),
    update: async ({ params, body, ...by }) => listed(await changeProvider(context, { id: params.id, body, ...by })),
    testNew: ({ body, request }) => testNewProvider(context, { ...body, request }),
    test: ({ params, body, request }) => testProvider(context, { id: params.id, ...body, request }),
    preview: ({ params, body }) => previewMappings(context, { id: params.id, ...body }),
    impact: ({ params, body }) => previewAccess(context, { id: params.id, ...body }),
    remove: async ({ params, ...by }) => {
      await removeProvider(context, { id: params.id, ...by })
      return undefined
    },
  }
}
