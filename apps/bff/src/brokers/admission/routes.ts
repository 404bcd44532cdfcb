import type {
  admissionRules as admissionRulesFeature,
  deniedDevices as deniedDevicesFeature,
} from '@gatehouse/contract/brokers/admission-rules'
import type { Bindings } from '../../platform/http/handle.ts'
import { denyDevice, forgiveDevice } from './denied.ts'
import { listDenied } from './denied-store.ts'
import { presentRule, presentRules } from './present.ts'
import { type AdmissionContext, createRule, removeRule, updateRuleBy } from './service.ts'
import { listRules } from './store.ts'
import { previewRule } from './unknown-devices.ts'

export function admissionRuleRoutes(context: AdmissionContext): Bindings<typeof admissionRulesFeature> {
  const { reader } = context
  return {
    list: async () => ({ items: await presentRules(context, await listRules(reader)) }),
    view: ({ params }) => presentRule(context, params.id),
    create: ({ body, ...by }) => createRule(context, body, by),
    update: ({ params, body, ...by }) => updateRuleBy(context, { id: params.id, changes: body, ...by }),
    remove: async ({ params, ...by }) => {
      await removeRule(context, { id: params.id, ...by })
      return undefined
    },
    preview: ({ body }) => previewRule(reader, body),
  }
}

export function deniedDeviceRoutes(context: AdmissionContext): Bindings<typeof deniedDevicesFeature> {
  return {
    list: ({ search }) => listDenied(context.reader, search),
    deny: ({ body, ...by }) => denyDevice(context, { username: body.username, ...by }),
    forgive: async ({ params, ...by }) => {
      await forgiveDevice(context, { username: params.username, ...by })
      return undefined
    },
  }
}
