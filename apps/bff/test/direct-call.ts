/** Calls of a service without HTTP, for what happens at one moment of a call. */
import { session } from '@gatehouse/contract/identity/sign-in'
import type { Db, Trx } from '../src/platform/db/open.ts'
import type { By, Caller, RequestInfo } from '../src/platform/http/request.ts'
import type { TestApp } from './app.ts'

/** Calls `before` before each transaction. */
export function beforeTransactions(db: Db, before: () => Promise<unknown>): Db {
  const execute = async (work: (trx: Trx) => Promise<unknown>) => {
    await before()
    return db.transaction().execute(work)
  }
  return { transaction: () => ({ execute }) } as unknown as Db
}

/** What a service gets with a request of the administrator. */
export async function byAdmin(app: TestApp): Promise<By> {
  const { user, permissions } = await (await app.as('admin'))(session.view, {})
  const caller = { userId: user?.id, username: 'admin', permissions, via: 'session' } as unknown as Caller
  return { caller, request: { ifMatch: null, address: '127.0.0.1' } as RequestInfo }
}
