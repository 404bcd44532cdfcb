import type { identityProviders } from '@gatehouse/contract/identity/providers'
import type { Bindings } from '../../platform/http/handle.ts'
import { previewMappings, testNewProvider, testProvider } from './probe.ts'
import { changeProvider, createProvider, type ProvidersContext, removeProvider, requireProvider } from './service.ts'
import { listProviders } from './store.ts'

export function providerRoutes(context: ProvidersContext): Bindings<typeof identityProviders> {
  const { reader } = context
  return {
    list: async () => ({ items: await listProviders(reader) }),
    view: ({ params }) => requireProvider(reader, params.id),
    create: ({ body, ...by }) => createProvider(context, body, by),
    update: ({ params, body, ...by }) => changeProvider(context, { id: params.id, body, ...by }),
    testNew: ({ body }) => testNewProvider(context, body),
    test: ({ params, body }) =>
      testProvider(context, { id: params.id, changes: body.changes, username: body.username }),
    preview: ({ params, body }) => previewMappings(context, { id: params.id, ...body }),
    remove: async ({ params, ...by }) => {
      await removeProvider(context, { id: params.id, ...by })
      return undefined
    },
  }
}
