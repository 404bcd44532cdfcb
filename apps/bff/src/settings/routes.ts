import type { settings } from '@gatehouse/contract/settings'
import type { Bindings } from '../http/handle.ts'
import { changePolicies, type SettingsContext } from './service.ts'
import { readPolicies } from './store.ts'

export function settingsRoutes(context: SettingsContext): Bindings<typeof settings> {
  return {
    view: () => readPolicies(context.reader),
    update: ({ body, ...by }) => changePolicies(context, { changes: body, ...by }),
  }
}
