/**
 * Durable state in one SQLite file. A thread of its own writes it, so a slow disk holds up acknowledgements but not the event
 * loop. With `synchronous = FULL` a commit is on the disk when it returns.
 */
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import type { Batch, RecordKind, Store, StoredRecord } from './store.ts'

/** Messages to the thread: a batch, or the wish that it ends. */
export type SqliteRequest = { id: number; batch: Batch } | 'close'
/** Its answers. An error has lost its class on the way. */
export type SqliteAnswer = { id: number; error: string | undefined }

/** The layout of the file. A file of a later version is not opened. */
const layout = 1

interface Waiting {
  resolve(): void
  reject(error: Error): void
}

/**
 * Opens or creates the file. Only one engine may use it at a time: the embedder makes sure of that.
 * @throws if the file is no database, is damaged, or was written by a later version.
 */
export async function openSqliteStore(path: string): Promise<Store> {
  prepare(path)
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: { path } })
  await once(worker, 'message')
  return new SqliteStore(path, worker)
}

class SqliteStore implements Store {
  readonly #path: string
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #ended: Error | undefined

  constructor(path: string, worker: Worker) {
    this.#path = path
    this.#worker = worker
    worker.on('message', (answer: SqliteAnswer) => this.#settle(answer))
    worker.on('error', (error: Error) => this.#end(error))
    worker.on('exit', () => this.#end(new Error('the thread of the store has ended')))
  }

  async *load(): AsyncIterable<StoredRecord> {
    const database = new Database(this.#path, { readonly: true })
    try {
      const rows = database.prepare('SELECT kind, key, fields, body FROM records').iterate()
      for (const row of rows as Iterable<Row>) {
        yield { kind: row.kind, key: row.key, fields: row.fields, body: row.body ?? undefined }
      }
    } finally {
      database.close()
    }
  }

  commit(batch: Batch): Promise<void> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = ++this.#lastId
    const request: SqliteRequest = { id, batch: { puts: batch.puts.map(withOwnBody), deletes: batch.deletes } }
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#post(request)
    })
  }

  async close(): Promise<void> {
    if (this.#ended) return
    const exit = once(this.#worker, 'exit')
    this.#post('close')
    await exit
  }

  #post(request: SqliteRequest): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(request)
  }

  #settle({ id, error }: SqliteAnswer): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === undefined) waiting?.resolve()
    else waiting?.reject(new Error(error))
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#ended)
    this.#waiting.clear()
  }
}

interface Row {
  kind: RecordKind
  key: string
  fields: string
  body: Buffer | null
}

/** A message to a thread copies the whole memory behind a buffer. Cut out of a larger one it would take that along. */
function withOwnBody(record: StoredRecord): StoredRecord {
  const { body } = record
  if (!body || body.buffer.byteLength === body.length) return record
  return { ...record, body: Buffer.from(new Uint8Array(body).buffer) }
}

function prepare(path: string): void {
  // Messages can be secrets: only the owner may read the file. SQLite gives its other files the same rights.
  closeSync(openSync(path, 'a', 0o600))
  const database = new Database(path)
  try {
    const found = Number(database.pragma('user_version', { simple: true }))
    if (found !== 0 && found !== layout)
      throw new Error(`${path} has the layout ${found}, this version reads ${layout}`)
    database.pragma('journal_mode = WAL')
    database.exec(`
      CREATE TABLE IF NOT EXISTS records (
        kind TEXT NOT NULL, key TEXT NOT NULL, fields TEXT NOT NULL, body BLOB, PRIMARY KEY (kind, key)
      );
      PRAGMA user_version = ${layout};
    `)
  } finally {
    database.close()
  }
}
