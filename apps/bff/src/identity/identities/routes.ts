import type { identities } from '@gatehouse/contract/identity/identities'
import type { Bindings } from '../../platform/http/handle.ts'
import type { ProvidersContext } from '../providers/service.ts'
import { linkOf, linkOwn, listOf, listOwn, unlinkOf, unlinkOwn } from './service.ts'

export function identityRoutes(context: ProvidersContext): Bindings<typeof identities> {
  return {
    list: ({ caller }) => listOwn(context.reader, caller.userId),
    link: ({ body, ...by }) => linkOwn(context, { body, ...by }),
    unlink: ({ params, ...by }) => unlinkOwn(context, { id: params.id, ...by }),
    listOf: ({ params }) => listOf(context.reader, params.id),
    linkOf: ({ params, body, ...by }) => linkOf(context, { id: params.id, body, ...by }),
    unlinkOf: ({ params, ...by }) => unlinkOf(context, { ...params, ...by }),
  }
}
