/**
 * `npm run admin -- unlock <username>`: for whoever sits at the machine itself, beside a running server or without one.
 * What it does is in the audit like everything else.
 */
import { join } from 'node:path'
import { recordEvent } from './audit/store.ts'
import { systemClock } from './base/clock.ts'
import { migrate } from './db/migrate.ts'
import { type Db, openDatabase } from './db/open.ts'
import { readSettings } from './env.ts'
import { poolsOfUser } from './passwords/attempts.ts'
import { clearAttemptsOfUser } from './passwords/store.ts'
import { findCredentials } from './users/store.ts'

const usage = 'npm run admin -- unlock <username>   ends the waiting time after wrong passwords'

const commands: Record<string, (db: Db, username: string) => Promise<string>> = { unlock }

const [command = '', username = ''] = process.argv.slice(2)
const run = Object.hasOwn(commands, command) ? commands[command] : undefined
if (!run || username === '') {
  process.stderr.write(`${usage}\n`)
  process.exitCode = 2
} else {
  await withDatabase(async (db) => process.stdout.write(`${await run(db, username)}\n`))
}

async function unlock(db: Db, name: string): Promise<string> {
  const user = await findCredentials(db, name)
  if (!user) throw new Error(`There is no user ${name}`)
  await db.transaction().execute(async (trx) => {
    await clearAttemptsOfUser(trx, poolsOfUser(name))
    await recordEvent(trx, systemClock, {
      action: 'user.unlocked',
      actor: { userId: null, username: null, via: 'machine', address: null },
      target: { type: 'user', id: user.id, name },
    })
  })
  return `${name} may try again at once.`
}

async function withDatabase(work: (db: Db) => Promise<unknown>): Promise<void> {
  const { db, close } = openDatabase(join(readSettings().dataDir, 'gatehouse.db'))
  try {
    await migrate(db)
    await work(db)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  } finally {
    await close()
  }
}
