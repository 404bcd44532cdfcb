/**
 * The admin commands for a person with access to the machine, with or without a running server. Such a person could
 * write into the database anyway. Each command is recorded in the audit and returns text for the terminal.
 */

import { errors } from '@gatehouse/contract/errors'
import { deleteAuthority } from './brokers/enforcers/authority-store.ts'
import { forgetPasswords } from './brokers/inventory/store.ts'
import { type FolderImport, importFolder } from './brokers/mosquitto-import/import-folder.ts'
import { forgetSecrets } from './brokers/upstreams/store.ts'
import { hashPassword } from './identity/passwords/hashing.ts'
import { addressPrefixes, poolsOfAddress, poolsOfUser } from './identity/passwords/pools.ts'
import { clearPools, listClosedPools } from './identity/passwords/store.ts'
import { forgetProviderSecrets } from './identity/providers/store.ts'
import { deleteWrappedKey } from './identity/second-factors/data-key-store.ts'
import { deleteEnrolments } from './identity/second-factors/enrolments-store.ts'
import { hasSecondFactor } from './identity/second-factors/kinds.ts'
import { turnFactorOff } from './identity/second-factors/turn-off.ts'
import { hasGrant } from './identity/sign-in/may-sign-in.ts'
import { deleteSessionsOf } from './identity/sign-in/store.ts'
import { deleteTokensOfPassword } from './identity/tokens/store.ts'
import { type Credentials, findCredentials } from './identity/users/credentials-store.ts'
import { listEnrolled, markReset } from './identity/users/factor-store.ts'
import { updatePassword } from './identity/users/store.ts'
import { recordEvent } from './platform/audit/store.ts'
import { auditTarget } from './platform/audit/targets.ts'
import { networkOf, parseAddress } from './platform/base/address.ts'
import { systemClock, timestamp } from './platform/base/clock.ts'
import { Problem } from './platform/base/problem.ts'
import { oneTimePassword } from './platform/base/secret.ts'
import { appendChange } from './platform/changes/store.ts'
import { copyToPostgres } from './platform/db/copy.ts'
import { migrate } from './platform/db/migrate.ts'
import { type DatabasePlace, type Db, openDatabase, type Trx } from './platform/db/open.ts'
import type { Actor } from './platform/http/request.ts'

/** The command was refused, with the reason. Nothing was changed. */
export class Refused extends Error {}

const actor: Actor = { userId: null, username: null, via: 'machine', address: null }

type Known = Pick<Credentials, 'id' | 'username'>

export async function unlock(db: Db, name: string): Promise<string> {
  const user = await requireUser(db, name)
  await db.transaction().execute(async (trx) => {
    await clearPools(trx, poolsOfUser(name))
    await recordEvent(trx, systemClock, { action: 'user.unlocked', actor, target: auditTarget.user(user) })
  })
  const closed = await listClosedNetworks(db)
  const hint =
    closed.length === 0
      ? []
      : [`Users without earlier sign-ins are blocked until unlock --address: ${closed.join(', ')}`]
  return [`${name} can try again now.`, ...hint].join('\n')
}

/** Ends the wait of all users at one address: too many attempts block it for users who never signed in from there. */
export async function unlockAddress(db: Db, given: string): Promise<string> {
  // `unlock` prints an IPv6 network in this form.
  const address = parseAddress(given.replace(/\/64$/, ''))
  if (address === null) throw new Refused(`${given} is not an address.`)
  await db.transaction().execute(async (trx) => {
    await clearPools(trx, poolsOfAddress(address))
    const target = auditTarget.address(address)
    await recordEvent(trx, systemClock, { action: 'address.unlocked', actor, target })
  })
  return `All users can try again from ${networkOf(address)} now. A user who still waits because of wrong attempts of their own: unlock <username>.`
}

async function listClosedNetworks(db: Db): Promise<string[]> {
  const now = timestamp(systemClock)
  const closed = addressPrefixes.map(async (prefix) =>
    (await listClosedPools(db, prefix, now)).map((key) => key.slice(prefix.length)),
  )
  return [...new Set((await Promise.all(closed)).flat())]
}

/** Tokens made in the console end too, unless the flag keeps them. */
export interface Recovery {
  keepTokens: boolean
}

export async function resetMfa(db: Db, name: string, recovery: Recovery): Promise<string> {
  const endedTokens = await db.transaction().execute(async (trx) => {
    const user = await requireUser(trx, name)
    if (!hasSecondFactor(user.authenticators)) throw new Refused(`${name} has no second factor.`)
    return turnOff(trx, user, recovery)
  })
  return `The second factor of ${name} is off. The sessions and ${tokens(endedTokens)} were ended. The next sign-in needs only the password.`
}

export async function resetPassword(db: Db, name: string, { keepTokens }: Recovery): Promise<string> {
  // Refuses an unknown user before computing a hash.
  await requireUser(db, name)
  const password = oneTimePassword()
  const hash = await hashPassword(password)
  const endedTokens = await db.transaction().execute(async (trx) => {
    const user = await requireUser(trx, name)
    if (user.identity_provider !== 'local')
      throw new Refused(`${user.identity_provider} keeps the password of ${name}.`)
    if (!hasGrant(user.grants, 'password')) throw new Refused(`${name} may not sign in with a password.`)
    await updatePassword(trx, { id: user.id, hash, changeRequiredAt: timestamp(systemClock) })
    // A running server disconnects the clients that used the old password.
    await appendChange(trx, systemClock, { kind: 'user', ids: [user.id] })
    await deleteSessionsOf(trx, user.id)
    const ended = await deleteTokensOfPassword(trx, { userId: user.id, consoleToo: !keepTokens })
    const after = { mustChange: true, endedTokens: ended }
    await recordEvent(trx, systemClock, { action: 'password.set', actor, target: auditTarget.user(user), after })
    return ended
  })
  return `The one-time password of ${name}: ${password}\nThe sessions and ${tokens(endedTokens)} were ended.`
}

/** For a lost secret key: everything encrypted with it is unusable, and the next start makes a new one. */
export async function forgetSecretKey(db: Db): Promise<string> {
  const turnedOff = await db.transaction().execute(async (trx) => {
    const enrolled = await listEnrolled(trx)
    for (const user of enrolled) await turnOff(trx, user, { keepTokens: true })
    await deleteEnrolments(trx)
    await forgetPasswords(trx)
    await forgetSecrets(trx)
    await forgetProviderSecrets(trx)
    await deleteAuthority(trx)
    await deleteWrappedKey(trx)
    return enrolled
  })
  return [
    `Second factors turned off: ${turnedOff.length}. The next start makes a new secret key.`,
    'Passwords of brokers, upstreams and identity providers must be entered again, and agents enrolled again.',
  ].join('\n')
}

/** Imports the files of a Mosquitto broker. A running server follows the change log, so it takes part at once. */
export async function importMosquitto(db: Db, asked: FolderImport): Promise<string> {
  try {
    return await importFolder(db, systemClock, asked)
  } catch (error) {
    if (error instanceof Problem) throw new Refused(`${errors[error.code].title}. ${error.details.detail ?? ''}`.trim())
    if (isSystemError(error)) throw new Refused(`${asked.folder} cannot be read: ${error.code}.`)
    throw error
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'path' in error
}

/** Copies the database to the server. Keys and certificates stay in the data folder. */
export async function copyTo(place: DatabasePlace, url: string): Promise<string> {
  if (!('file' in place)) throw new Refused('GATEHOUSE_DATABASE_URL is set, but copy-to copies from SQLite.')
  const source = await openDatabase(place)
  try {
    await migrate(source)
  } finally {
    await source.close()
  }
  const copied = await copyToPostgres(place.file, url, {
    prepare: migrate,
    conclude: async (trx) => {
      const target = { type: 'installation', id: 'installation', name: 'Installation' } as const
      await recordEvent(trx, systemClock, { action: 'installation.copied', actor, target })
    },
  })
  if (copied === 'in use') throw new Refused('Gatehouse runs on this data folder. Stop it first; nothing was copied.')
  if (copied === 'not empty') throw new Refused('That database is not empty; nothing was copied.')
  return [
    ...copied.map(({ name, rows }) => `${name.padEnd(24)}${String(rows).padStart(12)}`),
    'Everything was copied to PostgreSQL. Set GATEHOUSE_DATABASE_URL, leave the data folder as it is, and start.',
  ].join('\n')
}

/** Returns how many tokens ended. */
async function turnOff(trx: Trx, user: Known, { keepTokens }: Recovery): Promise<number> {
  await turnFactorOff(trx, user.id)
  await markReset(trx, user.id, timestamp(systemClock))
  await deleteSessionsOf(trx, user.id)
  const endedTokens = await deleteTokensOfPassword(trx, { userId: user.id, consoleToo: !keepTokens })
  await recordEvent(trx, systemClock, {
    action: 'mfa.reset',
    actor,
    target: auditTarget.user(user),
    after: { endedTokens },
  })
  return endedTokens
}

function tokens(count: number): string {
  return count === 1 ? '1 token' : `${count} tokens`
}

async function requireUser(db: Db, name: string): Promise<Credentials> {
  const user = await findCredentials(db, name)
  if (!user) throw new Refused(`There is no user ${name}.`)
  return user
}
