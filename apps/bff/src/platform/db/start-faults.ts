/** Explains in one line why a database cannot be opened. */
import { BadSettings } from '../base/bad-settings.ts'
import { codeOf, isDamaged, isStorageFull } from '../base/database-errors.ts'
import type { DatabasePlace } from './open.ts'

/** Returns the error to throw instead: `BadSettings` if the database file is the cause, otherwise the same error. */
export function explainDatabaseFault(error: unknown, place: DatabasePlace): unknown {
  if (error instanceof BadSettings || !('file' in place)) return error
  const cause = causesOf(error).find((each) => codeOf(each).startsWith('SQLITE_'))
  const says = cause && describeFileFault(cause)
  if (!says) return error
  return new BadSettings([`${place.file} ${says} (${codeOf(cause)}: ${cause.message})`], { cause: error })
}

/** What is wrong with a file of the data folder, to be read after its name. Null: something else. */
export function describeFileFault(cause: unknown): string | null {
  if (isDamaged(cause)) return 'is damaged. Nothing was changed. Put it back from the backup: docs/backup.md'
  if (isStorageFull(cause)) return 'cannot be written, because the disk is full'
  const code = codeOf(cause)
  if (/^(SQLITE_READONLY|EACCES$|EPERM$|EROFS$)/.test(code)) return 'cannot be written by this user'
  if (code.startsWith('SQLITE_CANTOPEN'))
    return 'cannot be opened: it is not a file, or this user may not read and write it'
  if (code.startsWith('SQLITE_BUSY')) return 'is locked by another program'
  return null
}

function causesOf(error: unknown): Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : []
}
