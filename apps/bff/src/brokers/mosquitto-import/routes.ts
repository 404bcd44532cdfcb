import type { mosquittoImports } from '@gatehouse/contract/brokers/mosquitto-import'
import type { Bindings } from '../../platform/http/handle.ts'
import { cancelImport, type MosquittoImportContext, previewImport, startImport, viewImport } from './service.ts'

export function mosquittoImportRoutes(context: MosquittoImportContext): Bindings<typeof mosquittoImports> {
  return {
    preview: ({ body, caller }) => previewImport(context, { ...body, caller }),
    create: ({ body, caller, request }) => startImport(context, { ...body, caller, request }),
    view: async ({ params, caller }) => viewImport(context, { ...params, caller }),
    cancel: async ({ params, caller }) => cancelImport(context, { ...params, caller }),
  }
}
