import type { settings } from '@gatehouse/contract/operations/settings'
import type { Bindings } from '../../platform/http/handle.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { changePolicies, type SettingsContext } from './service.ts'

export function settingsRoutes(context: SettingsContext): Bindings<typeof settings> {
  return {
    view: () => readPolicies(context.reader),
    update: ({ body, ...by }) => changePolicies(context, { changes: body, ...by }),
  }
}
