/**
 * `npm run seed -- --users 1000000`: fills a data folder with a large plant. It writes to the database directly, which takes
 * minutes instead of hours. The audit log does not mention these users.
 */
import { mkdir } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { insertRole } from '../apps/bff/src/access/roles/store.ts'
import { readSettings } from '../apps/bff/src/env.ts'
import { hashPassword } from '../apps/bff/src/identity/passwords/hashing.ts'
import { ensureFirstAdministrator } from '../apps/bff/src/identity/users/first-administrator.ts'
import { insertUsers } from '../apps/bff/src/identity/users/insert-store.ts'
import { listUsers } from '../apps/bff/src/identity/users/store.ts'
import { systemClock } from '../apps/bff/src/platform/base/clock.ts'
import { beginBulkLoad } from '../apps/bff/src/platform/db/bulk-load.ts'
import { migrate } from '../apps/bff/src/platform/db/migrate.ts'
import { type Db, openDatabase } from '../apps/bff/src/platform/db/open.ts'
import { seedRole, seedUser } from './seed-users.ts'

const usage = `npm run seed -- --users <how many> [--roles <how many>] [--add]
  --add  also where there are users already
GATEHOUSE_DATA_DIR says which folder; nothing may run on it meanwhile.`

const password = 'an example passphrase'
const usersInTransaction = 20_000
const usersInStatement = 500

try {
  await seed(readArguments())
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

interface Wanted {
  users: number
  roles: number
  add: boolean
}

function readArguments(): Wanted {
  const options = { users: { type: 'string' }, roles: { type: 'string' }, add: { type: 'boolean' } } as const
  const { values } = parseArgs({ options })
  const users = Number(values.users)
  const roles = Number(values.roles ?? Math.min(1_000, Math.ceil(users / 10)))
  if (!isCount(users) || !isCount(roles)) throw new Error(usage)
  return { users, roles, add: values.add ?? false }
}

function isCount(count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= 5_000_000
}

async function seed(wanted: Wanted): Promise<void> {
  const startedAt = performance.now()
  const { dataDir, database: place, admin } = readSettings()
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const database = await openDatabase(place)
  const { db, close } = database
  try {
    const finish = await beginBulkLoad(db).catch((cause: unknown) => {
      throw new Error(`Something runs on ${dataDir}. Stop it first.`, { cause })
    })
    await migrate(database)
    const firstSignIn = await ensureFirstAdministrator({ db, clock: systemClock }, admin)
    await fill(db, wanted)
    await finish()
    const seconds = Math.round((performance.now() - startedAt) / 1_000)
    console.log(`${wanted.users.toLocaleString('en')} users in ${seconds} s. People sign in with "${password}".`)
    if (firstSignIn?.generatedPassword) {
      console.log(`Administrator: ${firstSignIn.username}, one-time password ${firstSignIn.generatedPassword}`)
    }
  } finally {
    await close()
  }
}

async function fill(db: Db, { users, roles, add }: Wanted): Promise<void> {
  const { total } = await listUsers(db, { limit: 1, sort: 'username' })
  const before = (total ?? 1) - 1
  if (before > 0 && !add) throw new Error(`There are ${before.toLocaleString('en')} users already; --add adds to them.`)
  const roleIds = await makeRoles(db, roles)
  const passwordHash = await hashPassword(password)
  for (let from = 0; from < users; from += usersInTransaction) {
    const end = Math.min(users, from + usersInTransaction)
    await db.transaction().execute(async (trx) => {
      for (let at = from; at < end; at += usersInStatement) {
        const count = Math.min(usersInStatement, end - at)
        const made = Array.from({ length: count }, (_, n) =>
          seedUser(before + at + n, { of: before + users, roles: roleIds, passwordHash }),
        )
        await insertUsers(trx, made)
      }
    })
    process.stderr.write(`\r${end.toLocaleString('en')} of ${users.toLocaleString('en')} users`)
  }
  process.stderr.write('\n')
}

/** Reuses the roles of an earlier run, by name. */
async function makeRoles(db: Db, count: number): Promise<string[]> {
  const wanted = Array.from({ length: count }, (_, at) => seedRole(at))
  return db.transaction().execute(async (trx) => {
    const there = await trx.selectFrom('roles').select(['id', 'name']).execute()
    const ids = new Map(there.map(({ id, name }) => [name, id]))
    for (const role of wanted) {
      if (ids.has(role.name)) continue
      await insertRole(trx, role)
      ids.set(role.name, role.id)
    }
    return wanted.map(({ name, id }) => ids.get(name) ?? id)
  })
}
