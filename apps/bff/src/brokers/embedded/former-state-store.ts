/** Reads `broker.db`, the SQLite file that the broker used before its log (decision 78). */
import type { StoredRecord } from '@gatehouse/mqtt/store'
import Database from 'better-sqlite3'

/** The only layout of the file that there was. */
const layout = 1

/**
 * All records of the file. It is opened for writing, because SQLite then completes it from its `-wal` file.
 * @throws if the file is damaged or has another layout.
 */
export function* readFormerState(file: string): Generator<StoredRecord, void> {
  const database = new Database(file, { fileMustExist: true })
  try {
    const found = Number(database.pragma('user_version', { simple: true }))
    if (found !== layout) throw new Error(`${file} has the layout ${found}, this version reads ${layout}`)
    const rows = database.prepare<[], StoredRecord & { body: Buffer | null }>(
      'SELECT kind, key, fields, body FROM records',
    )
    for (const { body, ...record } of rows.iterate()) yield { ...record, body: body ?? undefined }
  } finally {
    database.close()
  }
}
