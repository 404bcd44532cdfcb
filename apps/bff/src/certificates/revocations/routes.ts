import type { revocations } from '@gatehouse/contract/certificates/revocations'
import type { Bindings } from '../../platform/http/handle.ts'
import type { RevocationsContext } from './context.ts'
import { impactOf, present, reinstate, revoke } from './service.ts'
import { listRevocations } from './store.ts'

export function revocationRoutes(context: RevocationsContext): Bindings<typeof revocations> {
  const { reader } = context
  return {
    list: async ({ search }) => {
      const page = await listRevocations(reader, search)
      return { ...page, items: await present(reader, page.items) }
    },
    impact: ({ body }) => impactOf(context, body),
    create: (call) => revoke(context, call),
    remove: ({ params, ...by }) => reinstate(context, { ...params, ...by }),
  }
}
