/**
 * Classifies database errors by code: SQLite names, PostgreSQL SQLSTATE, and Node's codes for connections and files.
 */

export function isUniqueViolation(error: unknown): boolean {
  return ['SQLITE_CONSTRAINT_UNIQUE', '23505'].includes(codeOf(error))
}

/** PostgreSQL cannot store a text that contains NUL. */
export function isUnstorable(error: unknown): boolean {
  return codeOf(error) === '22021'
}

/** The disk is full, or the quota is used up: the database cannot write. */
export function isStorageFull(error: unknown): boolean {
  return ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC', 'EDQUOT', '53100'].includes(codeOf(error))
}

/** Skips an optional write if the disk is full, so that the console can still be read. */
export async function unlessStorageFull(writing: Promise<unknown>): Promise<void> {
  try {
    await writing
  } catch (error) {
    if (!isStorageFull(error)) throw error
  }
}

/** The database file is damaged, or is not a database. */
export function isDamaged(error: unknown): boolean {
  return /^(SQLITE_CORRUPT|SQLITE_NOTADB|XX00[12]$)/.test(codeOf(error))
}

/** The database does not answer now: unreachable, restarting, out of connections, or timed out. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error)
  const isRefused = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/.test(code)
  // While a server is down, its Unix socket file is missing.
  const isNoSocket = code === 'ENOENT' && error instanceof Error && 'syscall' in error && error.syscall === 'connect'
  const isDown = /^(08...|53...|57P0.|57014|55P03|25P03)$/.test(code)
  // pg gives no code if the connection was lost or the pool had no free connection in time.
  const isGone = error instanceof Error && /^(Connection terminated|timeout exceeded when)/.test(error.message)
  return isRefused || isNoSocket || isDown || isGone
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
