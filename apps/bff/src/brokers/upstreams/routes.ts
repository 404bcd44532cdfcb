import type { UpstreamTestStep, upstreams } from '@gatehouse/contract/brokers/upstreams'
import { Problem } from '../../platform/base/problem.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { listIdentities } from './identities-store.ts'
import { testUpstream } from './probe.ts'
import {
  changeUpstream,
  createUpstream,
  find,
  forgetClaim,
  newDraft,
  readDraft,
  removeUpstream,
  type UpstreamsContext,
} from './service.ts'
import { listUpstreams } from './store.ts'

/** A test opens several connections to a place that a person names. */
const maxTests = 4

export function upstreamRoutes(context: UpstreamsContext): Bindings<typeof upstreams> {
  const { reader } = context
  let running = 0
  const inTurn = async (tested: Parameters<typeof testUpstream>[0]): Promise<{ steps: UpstreamTestStep[] }> => {
    if (running >= maxTests) throw new Problem('throttled', { retryAfterSeconds: 10 })
    running++
    try {
      return { steps: await testUpstream(tested) }
    } finally {
      running--
    }
  }
  return {
    list: async () => ({ items: await listUpstreams(reader) }),
    view: ({ params }) => find(reader, params.id),
    create: ({ body, ...by }) => createUpstream(context, body, by),
    update: ({ params, body, ...by }) => changeUpstream(context, { id: params.id, body, ...by }),
    testNew: async ({ body }) => inTurn(newDraft(context, body)),
    test: async ({ params, body }) => inTurn(await readDraft(context, { id: params.id, body })),
    listIdentities: async ({ params, search }) => {
      const { id } = await find(reader, params.id)
      return listIdentities(reader, id, search)
    },
    forgetIdentity: async ({ params, ...by }) => {
      await forgetClaim(context, { ...params, ...by })
      return undefined
    },
    remove: ({ params, ...by }) => removeUpstream(context, { id: params.id, ...by }),
  }
}
