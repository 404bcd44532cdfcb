/** When the console was last heard of, in the log and in a file for `agent status`. It repeats itself once an hour only. */
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import * as z from 'zod/mini'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { readFileIfThere } from '../../platform/base/files.ts'
import { explainFault } from './console-fault.ts'
import type { DesiredCopy } from './desired-copy.ts'

const repeatAfterMs = 60 * 60_000
/** A larger difference is worth a warning: certificates and CRLs are judged by the clock. */
const skewedFromMs = 60_000

const Status = z.object({
  at: z.string(),
  /** Null: never since the agent was started. */
  answeredAt: z.nullable(z.string()),
  /** Null: the last call succeeded. */
  fault: z.nullable(z.string()),
  receivedAt: z.nullable(z.string()),
  sequence: z.number(),
  isApplied: z.boolean(),
  problems: z.array(z.string()),
})
export type Status = z.output<typeof Status>

interface Parts {
  folder: string
  copy: DesiredCopy
  clock: Clock
  log: Logger
  describe(): Pick<Status, 'isApplied' | 'problems'>
}

export class Contact {
  readonly #parts: Parts
  #answeredAt: string | null = null
  #fault: string | null = null
  #isStored = true
  #faultSaidAt = Number.NEGATIVE_INFINITY
  #skewSaidAt = Number.NEGATIVE_INFINITY
  #writing = Promise.resolve()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** `at`: the console's clock. */
  answered(at: string): void {
    const { clock, log } = this.#parts
    if (this.#fault !== null || this.#answeredAt === null) log.info({}, 'The console answers')
    this.#fault = null
    this.#answeredAt = timestamp(clock)
    const aheadMs = clock.now().getTime() - Date.parse(at)
    if (Math.abs(aheadMs) > skewedFromMs && isLongAgo(this.#skewSaidAt)) {
      this.#skewSaidAt = performance.now()
      log.warn({ aheadSeconds: Math.round(aheadMs / 1_000) }, "The clock of this machine differs from the console's")
    }
    this.write()
  }

  failed(error: unknown): void {
    const { clock, log, copy } = this.#parts
    const fault = explainFault(error, clock.now())
    const isNews = fault !== this.#fault
    this.#fault = fault
    if (isNews || isLongAgo(this.#faultSaidAt)) {
      this.#faultSaidAt = performance.now()
      log.warn({ answeredAt: this.#answeredAt, stateOf: copy.receivedAt }, `${fault} The broker keeps what it has.`)
    }
    this.write()
  }

  stored(): void {
    if (!this.#isStored) this.#parts.log.info({}, 'The state is stored again')
    this.#isStored = true
  }

  notStored(error: unknown): void {
    if (this.#isStored)
      this.#parts.log.error({ err: error }, 'The state was applied, but not stored for the next start')
    this.#isStored = false
  }

  /** For a person who looks. On a full disk the file stays old, and its time says so. */
  write(): void {
    this.#writing = this.#writing.then(() => this.#writeNow()).catch(() => {})
  }

  written(): Promise<void> {
    return this.#writing
  }

  async #writeNow(): Promise<void> {
    const { folder, copy, clock, describe } = this.#parts
    const status: Status = {
      at: timestamp(clock),
      answeredAt: this.#answeredAt,
      fault: this.#fault,
      receivedAt: copy.receivedAt,
      sequence: copy.sequence,
      ...describe(),
    }
    const draft = join(folder, 'status.json.new')
    await writeFile(draft, JSON.stringify(status), { mode: 0o600 })
    await rename(draft, join(folder, 'status.json'))
  }
}

function isLongAgo(saidAt: number): boolean {
  return performance.now() - saidAt > repeatAfterMs
}

/** Null: the agent has not run with this folder. */
export async function readStatus(folder: string): Promise<Status | null> {
  const text = await readFileIfThere(join(folder, 'status.json'))
  try {
    return text === null ? null : Status.parse(JSON.parse(text))
  } catch {
    return null
  }
}
