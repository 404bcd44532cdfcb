import type { audit } from '@gatehouse/contract/audit'
import type { Db } from '../db/open.ts'
import type { Bindings } from '../http/handle.ts'
import { listEvents } from './store.ts'

export function auditRoutes(reader: Db): Bindings<typeof audit> {
  return {
    list: ({ search }) => listEvents(reader, search),
  }
}
