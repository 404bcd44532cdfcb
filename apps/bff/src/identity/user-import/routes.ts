import type { userTransfer } from '@gatehouse/contract/identity/user-import'
import type { Bindings } from '../../platform/http/handle.ts'
import { createUsers } from './batch.ts'
import { exportUsers, type TransferContext } from './export.ts'

export function userTransferRoutes(context: TransferContext): Bindings<typeof userTransfer> {
  return {
    batch: ({ body, ...by }) => createUsers(context, body, by),
    export: ({ search, ...by }) => exportUsers(context, search, by),
  }
}
