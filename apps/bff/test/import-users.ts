/** Imports many machines through the API, in batches, as the console does. */
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import type { TestApp } from './app.ts'
import { freshAdmin } from './authenticator.ts'

const batchSize = 500

export interface Import {
  /** Resolves after the first batch. */
  isUnderWay: Promise<void>
  /** How many users were made so far. */
  made(): number
  finished: Promise<void>
}

export function importUsers(app: TestApp, count: number): Import {
  const underWay = Promise.withResolvers<void>()
  let made = 0
  const run = async () => {
    const admin = await freshAdmin(app)
    while (made < count) {
      const users = Array.from({ length: Math.min(batchSize, count - made) }, (_, at) => ({
        username: `imported-${made + at}`,
        grantTypes: [{ method: 'certificate' as const }],
      }))
      await admin(userTransfer.batch, { body: { users } })
      made += users.length
      underWay.resolve()
    }
  }
  const finished = run()
  finished.catch(underWay.reject)
  return { isUnderWay: underWay.promise, made: () => made, finished }
}
