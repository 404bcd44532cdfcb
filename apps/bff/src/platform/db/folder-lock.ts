/**
 * Allows one server per data folder. The lock is SQLite's lock on an empty file. The operating system releases it when
 * the process ends, so `kill -9` or a power cut leaves no stale lock, and a reused process id cannot be mistaken for
 * this server.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { BadSettings } from '../base/bad-settings.ts'
import { systemClock, timestamp } from '../base/clock.ts'
import { codeOf } from '../base/database-errors.ts'

/** How long to wait for a server that is stopping, in milliseconds. */
const waitMs = 1_000

/** Returns a function that releases the lock. `variable`: the setting that names the folder. */
export function lockFolder(dataDir: string, variable = 'GATEHOUSE_DATA_DIR'): () => void {
  const holder = join(dataDir, 'gatehouse.pid')
  const lock = lockFile(join(dataDir, 'gatehouse.lock'))
  if (!lock) throw new BadSettings([inUse(dataDir, { holder, variable })])
  writeFileSync(holder, `${process.pid} ${timestamp(systemClock)}\n`, { mode: 0o600 })
  return () => {
    rmSync(holder, { force: true })
    lock.close()
  }
}

/** Returns null if another process holds the lock. */
function lockFile(file: string): Database | null {
  let lock: Database | null = null
  try {
    lock = new SqliteDatabase(file, { timeout: waitMs })
    // Without a journal file, which a killed process would leave behind.
    lock.pragma('journal_mode = memory')
    // The lock lasts as long as the transaction. Nothing is ever committed.
    lock.exec('begin exclusive')
    return lock
  } catch (error) {
    lock?.close()
    const code = codeOf(error)
    if (code === 'SQLITE_BUSY') return null
    throw code.startsWith('SQLITE_') ? notLockable(file, error) : error
  }
}

function notLockable(file: string, error: unknown): BadSettings {
  const why = error instanceof Error ? error.message : String(error)
  return new BadSettings([`${file} cannot be locked for this server (${codeOf(error)}: ${why})`], { cause: error })
}

function inUse(dataDir: string, { holder, variable }: { holder: string; variable: string }): string {
  const [pid = '', since = ''] = readHolder(holder).trim().split(' ')
  const who = pid === '' ? 'Another server' : `The server with process id ${pid}, running since ${since},`
  return `${who} uses ${dataDir}. Stop it first, or choose another folder with ${variable}.`
}

function readHolder(holder: string): string {
  try {
    return readFileSync(holder, 'utf8')
  } catch {
    return '' // only for the message
  }
}
