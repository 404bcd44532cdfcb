/** Checks the data folder at the start: its permissions, whether another server uses it, and whether it is complete. */
import { existsSync, statSync } from 'node:fs'
import { chmod, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Settings } from './env.ts'
import { BadSettings } from './platform/base/bad-settings.ts'
import type { OpenDatabase } from './platform/db/database.ts'
import { lockFolder } from './platform/db/folder-lock.ts'
import { hasSchema } from './platform/db/migrate.ts'
import type { DatabasePlace } from './platform/db/open.ts'

/** The files that an installation creates besides its database. */
const keyFiles = ['authority.key', 'authority.crt', 'secret.key', 'server.key', 'server.crt', 'gatehouse.db-wal']

/** Returns a function that releases the folder. Throws `BadSettings` if another server uses it. */
export async function takeDataFolder(dataDir: string, log: Logger): Promise<() => void> {
  await mkdir(dataDir, { recursive: true })
  await chmod(dataDir, 0o700)
  const release = lockFolder(dataDir)
  await tightenFiles(dataDir, log)
  return release
}

/** Makes files of an older version, or files that were copied here, unreadable for other users of the machine. */
async function tightenFiles(dataDir: string, log: Logger): Promise<void> {
  for (const entry of await readdir(dataDir, { withFileTypes: true })) {
    // Symbolic links are not followed: their targets are not ours.
    if (!entry.isFile()) continue
    const file = join(dataDir, entry.name)
    await chmod(file, 0o600).catch((error: unknown) =>
      log.warn({ err: error, file }, 'other users may be able to read this file'),
    )
  }
}

/** Must run before the database is opened: opening a missing file creates it. */
export function requireDatabaseFile({ dataDir, database, mayStartFresh }: Settings): void {
  if (mayStartFresh || !('file' in database) || isThere(database.file)) return
  requireNoKeys(dataDir, `${database.file} is missing or empty`)
}

/** A database without tables counts as missing. */
export async function requireDatabase(settings: Settings, opened: Pick<OpenDatabase, 'ddl'>): Promise<void> {
  if (settings.mayStartFresh) return
  // Read the keys first: another process that starts at the same moment creates the tables before the keys.
  const keys = listKeys(settings.dataDir)
  if (keys.length === 0 || (await hasSchema(opened))) return
  requireNoKeys(settings.dataDir, whatIsEmpty(settings.database))
}

function whatIsEmpty(database: DatabasePlace): string {
  if ('file' in database) return `${database.file} is empty`
  return 'The database that GATEHOUSE_DATABASE_URL names is empty (to move from SQLite: npm run admin -- copy-to)'
}

function requireNoKeys(dataDir: string, what: string): void {
  const keys = listKeys(dataDir)
  if (keys.length === 0) return
  throw new BadSettings([
    `${what}, but ${dataDir} holds ${keys.join(', ')} of an installation. Nothing was changed. ` +
      'Put the database back from the backup (docs/backup.md). ' +
      'To begin with a new database instead, start once with GATEHOUSE_FRESH_START=allow.',
  ])
}

function listKeys(dataDir: string): string[] {
  return keyFiles.filter((name) => existsSync(join(dataDir, name)))
}

function isThere(file: string): boolean {
  return existsSync(file) && statSync(file).size > 0
}
