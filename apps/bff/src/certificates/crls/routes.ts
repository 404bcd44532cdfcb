import type { revocationLists } from '@gatehouse/contract/certificates/crls'
import type { Bindings } from '../../platform/http/handle.ts'
import {
  downloadList,
  everyList,
  inspectList,
  listsOf,
  type RevocationListsContext,
  removeList,
  uploadList,
} from './service.ts'

export function revocationListRoutes(context: RevocationListsContext): Bindings<typeof revocationLists> {
  return {
    list: () => everyList(context),
    view: ({ params }) => listsOf(context, params.fingerprint),
    inspect: ({ params, body, caller }) => inspectList(context, { ...params, ...body, caller }),
    create: ({ params, body, ...by }) => uploadList(context, { ...params, ...body, ...by }),
    download: ({ params }) => downloadList(context, params.fingerprint),
    remove: ({ params, ...by }) => removeList(context, { ...params, ...by }),
  }
}
