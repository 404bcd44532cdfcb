/** Opens what every domain needs: the database with its schema, the keyring and the storage monitor. */
import type { Logger } from 'pino'
import { requireDatabase, requireDatabaseFile } from './data-folder.ts'
import type { Settings } from './env.ts'
import { openKeyring } from './identity/second-factors/data-key.ts'
import type { Clock } from './platform/base/clock.ts'
import type { Keyring } from './platform/base/keyring.ts'
import type { OpenDatabase } from './platform/db/database.ts'
import { migrate } from './platform/db/migrate.ts'
import { openDatabase } from './platform/db/open.ts'
import { Storage } from './platform/db/storage.ts'

export interface Platform extends Pick<OpenDatabase, 'db' | 'reader' | 'snapshot' | 'close'> {
  clock: Clock
  log: Logger
  keyring: Keyring
  storage: Storage
}

/** Throws `BadSettings` if the database is missing, or the keys do not belong to it. The database is closed then. */
export async function openPlatform(
  settings: Settings,
  { clock, log }: Pick<Platform, 'clock' | 'log'>,
): Promise<Platform> {
  requireDatabaseFile(settings)
  const database = await openDatabase(settings.database)
  try {
    return await openParts(database, settings, { clock, log })
  } catch (error) {
    await database.close()
    throw error
  }
}

async function openParts(
  database: OpenDatabase,
  settings: Settings,
  { clock, log }: Pick<Platform, 'clock' | 'log'>,
): Promise<Platform> {
  await requireDatabase(settings, database)
  await migrate(database)
  const { db, reader } = database
  return {
    db,
    reader,
    snapshot: () => database.snapshot(),
    close: () => database.close(),
    clock,
    log,
    keyring: await openKeyring(db, { given: settings.secretKeys, dataDir: settings.dataDir }),
    storage: new Storage({ db, dataDir: settings.dataDir, lowBytes: settings.lowSpaceBytes, log }),
  }
}
