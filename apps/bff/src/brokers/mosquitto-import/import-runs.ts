import type { MosquittoImport } from '@gatehouse/contract/brokers/mosquitto-import'
import { Problem } from '../../platform/base/problem.ts'

export interface ImportRun extends MosquittoImport {
  userId: string
}

const maxRuns = 20

/** The imports of this process: one at a time, and the last ones that ended. Only their user sees them. */
export class ImportRuns {
  readonly #runs = new Map<string, ImportRun>()
  #running: Promise<void> = Promise.resolve()

  get isBusy(): boolean {
    return [...this.#runs.values()].some(({ state }) => state === 'hashing' || state === 'writing')
  }

  begin(id: string, userId: string): ImportRun {
    const run: ImportRun = { id, userId, state: 'hashing', hashed: 0, passwords: 0, created: null, problem: null }
    this.#runs.set(id, run)
    const [oldest] = this.#runs.keys()
    if (this.#runs.size > maxRuns && oldest !== undefined) this.#runs.delete(oldest)
    return run
  }

  /** `work` never rejects. */
  follow(work: Promise<void>): void {
    this.#running = work
  }

  /** Throws `not_found` also for the import of another user. */
  require(id: string, userId: string): ImportRun {
    const run = this.#runs.get(id)
    if (run?.userId !== userId) throw new Problem('not_found')
    return run
  }

  /** Cancels the import that is hashing, or waits until it is written. */
  async stop(): Promise<void> {
    for (const run of this.#runs.values()) if (run.state === 'hashing') run.state = 'cancelled'
    await this.#running
  }
}
