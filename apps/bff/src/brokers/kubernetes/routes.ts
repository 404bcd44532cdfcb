import type { kubernetes as kubernetesFeature } from '@gatehouse/contract/brokers/kubernetes'
import type { Bindings } from '../../platform/http/handle.ts'
import { forgetHandOver, generateFor, type KubernetesContext, listAll, recordHandOver } from './service.ts'

export function kubernetesRoutes(context: KubernetesContext): Bindings<typeof kubernetesFeature> {
  return {
    list: async () => ({ items: await listAll(context) }),
    generate: ({ body }) => generateFor(context, body),
    record: ({ body, ...by }) => recordHandOver(context, body, by),
    remove: ({ params, ...by }) => forgetHandOver(context, { target: params, ...by }),
  }
}
