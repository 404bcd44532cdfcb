import type { upstreams } from '@gatehouse/contract/brokers/upstreams'
import type { Bindings } from '../../platform/http/handle.ts'
import { changeUpstream, createUpstream, find, forgetClaim, removeUpstream, type UpstreamsContext } from './service.ts'
import { listUpstreams } from './store.ts'

export function upstreamRoutes(context: UpstreamsContext): Bindings<typeof upstreams> {
  const { reader } = context
  return {
    list: async () => ({ items: await listUpstreams(reader) }),
    view: ({ params }) => find(reader, params.id),
    create: ({ body, ...by }) => createUpstream(context, body, by),
    update: ({ params, body, ...by }) => changeUpstream(context, { id: params.id, body, ...by }),
    forgetIdentity: async ({ params, ...by }) => {
      await forgetClaim(context, { ...params, ...by })
      return undefined
    },
    remove: ({ params, ...by }) => removeUpstream(context, { id: params.id, ...by }),
  }
}
