import type { enforcers as enforcersFeature } from '@gatehouse/contract/brokers/enforcers'
import type { Bindings } from '../../platform/http/handle.ts'
import { completeByForce, replaceAuthority } from './authority-replacement.ts'
import { listAll } from './list.ts'
import { cancelToken, type EnforcersContext, makeToken, restore, revokeEnforcer, viewEnforcer } from './service.ts'

export function enforcerRoutes(context: EnforcersContext): Bindings<typeof enforcersFeature> {
  return {
    list: () => listAll(context),
    replaceAuthority: async (by) => {
      await replaceAuthority(context, by)
      return listAll(context)
    },
    completeAuthority: async ({ body, ...by }) => {
      await completeByForce(context, { ...body, ...by })
      return listAll(context)
    },
    view: ({ params }) => viewEnforcer(context, params.id),
    enrol: ({ params, ...by }) => makeToken(context, { id: params.id, ...by }),
    cancel: ({ params, ...by }) => cancelToken(context, { id: params.id, ...by }),
    restore: ({ params, ...by }) => restore(context, { id: params.id, ...by }),
    revoke: ({ params, ...by }) => revokeEnforcer(context, { id: params.id, ...by }),
  }
}
