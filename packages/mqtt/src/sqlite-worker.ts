/** The thread of `sqlite-store.ts`: one transaction for each batch. */
import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { SqliteAnswer, SqliteRequest } from './sqlite-store.ts'
import type { Batch } from './store.ts'

const port = parentPort
if (!port) throw new Error('sqlite-worker.ts runs as a thread')
const { path } = workerData as { path: string }

const database = new Database(path)
// FULL: a commit is on the disk when it returns, also when the power goes.
database.pragma('synchronous = FULL')
const put = database.prepare(
  'INSERT INTO records (kind, key, fields, body) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET fields = excluded.fields, body = excluded.body',
)
const remove = database.prepare('DELETE FROM records WHERE kind = ? AND key = ?')
const write = database.transaction(({ puts, deletes }: Batch) => {
  for (const { kind, key, fields, body } of puts) put.run(kind, key, fields, body ?? null)
  for (const { kind, key } of deletes) remove.run(kind, key)
})

port.on('message', (request: SqliteRequest) => {
  if (request === 'close') {
    database.close()
    port.close()
  } else port.postMessage(answer(request))
})
port.postMessage({ id: 0, error: undefined } satisfies SqliteAnswer)

function answer({ id, batch }: { id: number; batch: Batch }): SqliteAnswer {
  try {
    write(batch)
    return { id, error: undefined }
  } catch (error) {
    return { id, error: String(error) }
  }
}
