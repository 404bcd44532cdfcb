/** `npm run admin -- <command>`: for whoever sits at the machine itself. */
import { existsSync } from 'node:fs'
import { forgetSecretKey, Refused, resetMfa, resetPassword, unlock } from './admin-commands.ts'
import { BadSettings } from './base/bad-settings.ts'
import { migrate } from './db/migrate.ts'
import { type Db, openDatabase } from './db/open.ts'
import { readSettings } from './env.ts'

interface Command {
  says: string
  /** With the username where `takesUser`. */
  run(db: Db, username: string): Promise<string>
  takesUser: boolean
}

const commands: Record<string, Command> = {
  unlock: { run: unlock, takesUser: true, says: 'ends the waiting time after wrong passwords and codes' },
  'reset-mfa': { run: resetMfa, takesUser: true, says: 'turns a lost second factor off, and ends the sessions' },
  'reset-password': { run: resetPassword, takesUser: true, says: 'prints a one-time password, and ends the sessions' },
  'forget-secret-key': {
    run: forgetSecretKey,
    takesUser: false,
    says: 'the secret key is lost for good: turns every second factor off',
  },
}

const [name = '', ...given] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (!command || given.length !== (command.takesUser ? 1 : 0)) {
  process.stderr.write(`${usage()}\n`)
  process.exitCode = 2
} else {
  process.exitCode = await attempt(command, given[0] ?? '')
}

/** The exit code. */
async function attempt({ run }: Command, username: string): Promise<number> {
  try {
    process.stdout.write(`${await withDatabase((db) => run(db, username))}\n`)
    return 0
  } catch (error) {
    const isSaid = error instanceof Refused || error instanceof BadSettings
    const text = error instanceof Error ? ((isSaid ? null : error.stack) ?? error.message) : String(error)
    process.stderr.write(`${text}\n`)
    return 1
  }
}

async function withDatabase(work: (db: Db) => Promise<string>): Promise<string> {
  const { dataDir, database: place } = readSettings()
  // Opening it would make an empty one.
  if ('file' in place && !existsSync(place.file)) {
    throw new Refused(`There is no database in ${dataDir}; GATEHOUSE_DATA_DIR says where it is.`)
  }
  const database = await openDatabase(place)
  try {
    await migrate(database)
    return await work(database.db)
  } finally {
    await database.close()
  }
}

function usage(): string {
  const lines = Object.entries(commands).map(([word, { takesUser, says }]) => {
    const call = `npm run admin -- ${word}${takesUser ? ' <username>' : ''}`
    return `${call.padEnd(44)}${says}`
  })
  return lines.join('\n')
}
