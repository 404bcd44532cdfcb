import type { listeners as listenersFeature } from '@gatehouse/contract/brokers/listeners'
import { Problem } from '../../platform/base/problem.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { present } from './present.ts'
import {
  createListener,
  type ListenersContext,
  presentOne,
  previewCreate,
  previewUpdate,
  removeListener,
  updateListener,
} from './service.ts'
import { findRecord, listRecords } from './store.ts'

export function listenerRoutes(context: ListenersContext): Bindings<typeof listenersFeature> {
  const { reader } = context
  return {
    list: async ({ search }) => {
      const authority = search['authority[eq]']
      const records = await listRecords(reader)
      const wanted = records.filter(
        ({ trustedAuthorities }) => authority === undefined || trustedAuthorities?.includes(authority),
      )
      return { items: await present(context, wanted) }
    },
    view: async ({ params }) => {
      const record = await findRecord(reader, params.id)
      if (!record) throw new Problem('not_found')
      return presentOne(context, record)
    },
    create: ({ body, ...by }) => createListener(context, body, by),
    update: ({ params, body, ...by }) => updateListener(context, { id: params.id, body, ...by }),
    remove: ({ params, ...by }) => removeListener(context, { id: params.id, ...by }),
    preview: ({ body }) => previewCreate(context, body),
    previewUpdate: ({ params, body }) => previewUpdate(context, { id: params.id, body }),
  }
}
