import type { userChanges } from '@gatehouse/contract/identity/user-changes'
import type { Bindings } from '../../platform/http/handle.ts'
import type { UsersContext } from '../users/context.ts'
import { changeUsers } from './change-users.ts'
import { previewChanges } from './preview.ts'

export function userChangesRoutes(context: UsersContext): Bindings<typeof userChanges> {
  return {
    apply: ({ body, ...by }) => changeUsers(context, body, by),
    impact: ({ body }) => previewChanges(context, body),
  }
}
