/** The commands of `npm run admin`: which there are, and how one is chosen and run. */
import { existsSync } from 'node:fs'
import {
  copyTo,
  forgetSecretKey,
  importMosquitto,
  Refused,
  resetMfa,
  resetPassword,
  unlock,
  unlockAddress,
} from './admin-commands.ts'
import { readSettings } from './env.ts'
import { BadSettings } from './platform/base/bad-settings.ts'
import { migrate } from './platform/db/migrate.ts'
import { type DatabasePlace, type Db, openDatabase } from './platform/db/open.ts'
import { explainDatabaseFault } from './platform/db/start-faults.ts'

interface Command {
  says: string
  /** `given` is the command's argument, and `flags` those of its flags that were given. */
  run(place: DatabasePlace, given: string, flags: ReadonlySet<Flag>): Promise<string>
  takes?: 'username' | 'address' | 'url' | 'folder'
  flags?: readonly Flag[]
}

type Flag = '--keep-tokens' | '--dry-run' | '--allow-denied'

const commands: Record<string, Command> = {
  unlock: {
    run: onDatabase(unlock),
    takes: 'username',
    says: 'ends the wait of a user after wrong passwords or codes: in the console, for scripts and over MQTT',
  },
  'unlock --address': {
    run: onDatabase(unlockAddress),
    takes: 'address',
    says: 'ends the wait of an address that tried too many names',
  },
  'reset-mfa': {
    run: onDatabase((db, username, flags) => resetMfa(db, username, { keepTokens: flags.has('--keep-tokens') })),
    takes: 'username',
    flags: ['--keep-tokens'],
    says: 'turns a lost second factor off, and ends the sessions and tokens; the flag keeps tokens made in the console',
  },
  'reset-password': {
    run: onDatabase((db, username, flags) => resetPassword(db, username, { keepTokens: flags.has('--keep-tokens') })),
    takes: 'username',
    flags: ['--keep-tokens'],
    says: 'prints a one-time password, and ends the sessions and tokens; the flag keeps tokens made in the console',
  },
  'forget-secret-key': {
    run: onDatabase(forgetSecretKey),
    says: 'for a lost secret key: turns all second factors off',
  },
  'import-mosquitto': {
    run: onDatabase((db, folder, flags) =>
      importMosquitto(db, {
        folder,
        isDryRun: flags.has('--dry-run'),
        underDeny: flags.has('--allow-denied') ? 'grant' : 'withhold',
      }),
    ),
    takes: 'folder',
    flags: ['--dry-run', '--allow-denied'],
    says: 'imports users, rights, CA certificates and CRLs from the folder of a Mosquitto broker; --dry-run only shows them, --allow-denied allows a topic as a whole where Mosquitto denies a part of it',
  },
  'copy-to': { run: copyTo, takes: 'url', says: 'moves everything from SQLite to PostgreSQL: postgres://…' },
}

export interface Ended {
  /** The exit code: 1 if the command is refused or fails, 2 if there is no such command. */
  code: number
  out: string
  err: string
}

type Env = Parameters<typeof readSettings>[0]

/** Runs the command that these words name. `env` names the data folder and the database; without it, that of the process. */
export async function runCommand([verb = '', ...words]: string[], env?: Env): Promise<Ended> {
  const isForAddress = words[0] === '--address'
  const name = isForAddress ? `${verb} --address` : verb
  const rest = isForAddress ? words.slice(1) : words
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  const flags = new Set(command?.flags?.filter((flag) => rest.includes(flag)))
  const given = rest.filter((word) => !flags.has(word as Flag))
  if (!command || given.length !== (command.takes ? 1 : 0)) return { code: 2, out: '', err: `${usage()}\n` }
  try {
    return { code: 0, out: `${await command.run(findPlace(env), given[0] ?? '', flags)}\n`, err: '' }
  } catch (error) {
    return { code: 1, out: '', err: `${explain(error)}\n` }
  }
}

function explain(error: unknown): string {
  if (error instanceof Refused || error instanceof BadSettings) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function findPlace(env?: Env): DatabasePlace {
  const { dataDir, database } = readSettings(env)
  // Opening a missing file would create an empty database.
  if ('file' in database && !existsSync(database.file)) {
    throw new Refused(`There is no database in ${dataDir}; GATEHOUSE_DATA_DIR says where it is.`)
  }
  return database
}

type Work = (db: Db, given: string, flags: ReadonlySet<Flag>) => Promise<string>

function onDatabase(work: Work): Command['run'] {
  return async (place, given, flags) => {
    try {
      const database = await openDatabase(place)
      try {
        await migrate(database)
        return await work(database.db, given, flags)
      } finally {
        await database.close()
      }
    } catch (error) {
      throw explainDatabaseFault(error, place)
    }
  }
}

function usage(): string {
  const lines = Object.entries(commands).map(([word, { takes, flags = [], says }]) => {
    const call = `npm run admin -- ${word}${takes ? ` <${takes}>` : ''}${flags.map((flag) => ` [${flag}]`).join('')}`
    return `${call.padEnd(64)}${says}`
  })
  return lines.join('\n')
}
