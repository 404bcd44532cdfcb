/** What error codes mean to us: SQLite's names, PostgreSQL's SQLSTATE, Node's own of a connection or a file. */

export function isUniqueViolation(error: unknown): boolean {
  return ['SQLITE_CONSTRAINT_UNIQUE', '23505'].includes(codeOf(error))
}

/** A text that PostgreSQL cannot keep, for it has a NUL in it. */
export function isUnstorable(error: unknown): boolean {
  return codeOf(error) === '22021'
}

/** The disk is full, or this user may have no more of it: nothing can be stored. */
export function isStorageFull(error: unknown): boolean {
  return ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC', 'EDQUOT', '53100'].includes(codeOf(error))
}

/** Leaves a write out that nothing depends on: on a full disk the console can still be read. */
export async function unlessStorageFull(writing: Promise<unknown>): Promise<void> {
  try {
    await writing
  } catch (error) {
    if (!isStorageFull(error)) throw error
  }
}

/** The database's file is damaged, or is none. */
export function isDamaged(error: unknown): boolean {
  return /^(SQLITE_CORRUPT|SQLITE_NOTADB|XX00[12]$)/.test(codeOf(error))
}

/** The database does not answer now: not reached, restarting, all connections taken, or waited for too long. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error)
  const isRefused = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/.test(code)
  // The socket's file is not there while the server is not.
  const isNoSocket = code === 'ENOENT' && error instanceof Error && 'syscall' in error && error.syscall === 'connect'
  const isDown = /^(08...|53...|57P0.|57014|55P03|25P03)$/.test(code)
  // pg gives no code where the connection went away, or none came free in time.
  const isGone = error instanceof Error && /^(Connection terminated|timeout exceeded when)/.test(error.message)
  return isRefused || isNoSocket || isDown || isGone
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
