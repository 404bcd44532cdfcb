import type { deployments as deploymentsFeature } from '@gatehouse/contract/brokers/deployments'
import type { Bindings } from '../../platform/http/handle.ts'
import { presentDeployments } from './present.ts'
import { type DeploymentsContext, deploy, forget, listChoices } from './service.ts'

export function deploymentRoutes(context: DeploymentsContext): Bindings<typeof deploymentsFeature> {
  return {
    list: async ({ search }) => {
      const [brokerId, fingerprint] = [search['broker[eq]'], search['authority[eq]']]
      const filter = { ...(brokerId && { brokerId }), ...(fingerprint && { fingerprint }) }
      return { items: await presentDeployments(context.reader, filter) }
    },
    choices: async ({ params }) => ({ items: await listChoices(context, params.fingerprint) }),
    deploy: ({ params, body, ...by }) => deploy(context, { fingerprint: params.fingerprint, body, ...by }),
    forget: ({ params, ...by }) => forget(context, { ...params, ...by }),
  }
}
