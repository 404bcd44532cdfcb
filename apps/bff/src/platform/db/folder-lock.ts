/**
 * One server to a data folder. The lock is SQLite's own on an empty file: the operating system ends it with the process, so
 * `kill -9` or a power cut leaves none behind, and a process id that was given again cannot be mistaken for ours.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { BadSettings } from '../base/bad-settings.ts'
import { systemClock, timestamp } from '../base/clock.ts'
import { codeOf } from '../base/database-errors.ts'

/** A server that ends at this moment lets go in time. */
const waitMs = 1_000

/** Answers with what ends the lock. */
export function lockFolder(dataDir: string): () => void {
  const holder = join(dataDir, 'gatehouse.pid')
  const lock = lockFile(join(dataDir, 'gatehouse.lock'))
  if (!lock) throw new BadSettings([inUse(dataDir, holder)])
  writeFileSync(holder, `${process.pid} ${timestamp(systemClock)}\n`, { mode: 0o600 })
  return () => {
    rmSync(holder, { force: true })
    lock.close()
  }
}

/** Null: another process has it. */
function lockFile(file: string): Database | null {
  let lock: Database | null = null
  try {
    lock = new SqliteDatabase(file, { timeout: waitMs })
    // Without a journal, which a killed process would leave behind.
    lock.pragma('journal_mode = memory')
    // Held for as long as the transaction is open; nothing is ever committed.
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

function inUse(dataDir: string, holder: string): string {
  const [pid = '', since = ''] = readHolder(holder).trim().split(' ')
  const who = pid === '' ? 'Another server' : `The server with process id ${pid}, running since ${since},`
  return `${who} uses ${dataDir}. Stop it first, or choose another folder with GATEHOUSE_DATA_DIR.`
}

function readHolder(holder: string): string {
  try {
    return readFileSync(holder, 'utf8')
  } catch {
    return '' // for the message only
  }
}
