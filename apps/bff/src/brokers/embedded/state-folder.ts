/**
 * Sessions and messages of the broker: the folder `broker.log` in the data folder. A log that cannot be used stops the start:
 * nothing is replaced or deleted.
 */
import { join } from 'node:path'
import { DamagedLog, openLogStore } from '@gatehouse/mqtt/log-store'
import type { Store } from '@gatehouse/mqtt/store'
import { BadSettings } from '../../platform/base/bad-settings.ts'
import { describeFileFault } from '../../platform/db/start-faults.ts'
import { takeOverFile } from './former-state.ts'
import type { LogLine } from './port.ts'

type Log = (line: LogLine) => void

const damaged = 'is damaged. Nothing was changed. Put it back from the backup: docs/backup.md'

/** Opens the log, or creates it with the content of the file that earlier versions used. Rejects with `BadSettings`. */
export async function openState(dataDir: string, log: Log): Promise<Store> {
  const folder = join(dataDir, 'broker.log')
  await takeOver(join(dataDir, 'broker.db'), folder, log)
  const cutOff = (bytes: number) =>
    log({
      level: 'warn',
      message: 'The last write of the broker was incomplete. It was not acknowledged',
      facts: { bytes },
    })
  try {
    const store = await openLogStore(folder, { cutOff })
    return {
      load: () => explained(folder, store.load()),
      commit: (batch) => store.commit(batch),
      close: () => store.close(),
    }
  } catch (error) {
    throw explain(folder, error)
  }
}

async function takeOver(file: string, folder: string, log: Log): Promise<void> {
  try {
    const records = await takeOverFile(file, folder)
    if (records === null) return
    const facts = { file, setAsideAs: `${file}.old`, records }
    if (records === 'unread') log({ level: 'warn', message: 'broker.db was not read: broker.log is newer', facts })
    else log({ level: 'info', message: 'broker.log has taken over the records of broker.db', facts })
  } catch (error) {
    throw explain(file, error)
  }
}

/** Damage may show only when the records are read. */
async function* explained<T>(folder: string, records: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* records
  } catch (error) {
    throw explain(folder, error)
  }
}

function explain(path: string, error: unknown): BadSettings {
  const message = error instanceof Error ? error.message : String(error)
  const fault = error instanceof DamagedLog ? damaged : describeFileFault(error)
  const line = fault ? `${path} ${fault} (${message})` : `${path} cannot be used: ${message}`
  return new BadSettings([line], { cause: error })
}
