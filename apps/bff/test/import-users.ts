/** Imports machines through the API, in batches, as the console does. It goes on until the test ends it, however fast the machine is. */
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import type { TestApp } from './app.ts'
import { freshAdmin } from './authenticator.ts'

const batchSize = 500

export interface Import {
  /** Resolves after the first batch. */
  isUnderWay: Promise<void>
  /** Ends after the batch that is being imported. Resolves to the number of users that were made. */
  end(): Promise<number>
}

export function startImport(app: TestApp): Import {
  const underWay = Promise.withResolvers<void>()
  let made = 0
  const ending = new AbortController()
  const run = async () => {
    const admin = await freshAdmin(app)
    while (!ending.signal.aborted) {
      const users = Array.from({ length: batchSize }, (_, at) => ({
        username: `imported-${made + at}`,
        grantTypes: [{ method: 'certificate' as const }],
      }))
      await admin(userTransfer.batch, { body: { users } })
      made += users.length
      underWay.resolve()
    }
    return made
  }
  const finished = run()
  finished.catch(underWay.reject)
  const end = () => {
    ending.abort()
    return finished
  }
  return { isUnderWay: underWay.promise, end }
}
