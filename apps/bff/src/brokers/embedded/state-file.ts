/** The file of sessions and messages. A file that cannot be used stops the start: nothing is replaced or deleted. */
import { openSqliteStore } from '@gatehouse/mqtt/sqlite-store'
import type { Store } from '@gatehouse/mqtt/store'
import { BadSettings } from '../../platform/base/bad-settings.ts'
import { describeFileFault } from '../../platform/db/start-faults.ts'

/** Rejects with `BadSettings`. */
export async function openStateFile(file: string): Promise<Store> {
  try {
    const store = await openSqliteStore(file)
    return { ...boundMethods(store), load: () => explained(file, store.load()) }
  } catch (error) {
    throw explain(file, error)
  }
}

function boundMethods(store: Store): Omit<Store, 'load'> {
  return { commit: (batch) => store.commit(batch), close: () => store.close() }
}

/** Damage may show only when the records are read. */
async function* explained<T>(file: string, records: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* records
  } catch (error) {
    throw explain(file, error)
  }
}

function explain(file: string, error: unknown): BadSettings {
  const message = error instanceof Error ? error.message : String(error)
  const fault = describeFileFault(error)
  const line = fault ? `${file} ${fault} (${message})` : `${file} cannot be used: ${message}`
  return new BadSettings([line], { cause: error })
}
