/** What the console wants, as the agent last received it. It survives a restart, so that a console that is away changes nothing. */
import { join } from 'node:path'
import type { PullAnswer } from '@gatehouse/contract/brokers/enforcer-protocol'
import * as z from 'zod/mini'
import { readFileIfThere, writeFileSafely } from '../../platform/base/files.ts'
import { clientOf, fromEntries } from '../enforcers/entries-of-state.ts'
import { StateEntries } from '../enforcers/state-entries.ts'
import type { Position } from '../enforcers/state-feed.ts'
import type { DesiredState, DynsecClient } from '../mosquitto/desired-state.ts'
import { WrongAnswer } from './console-fault.ts'

const Stored = z.object({
  sequence: z.int(),
  digest: z.string(),
  receivedAt: z.string(),
  entries: z.record(z.string(), z.string()),
})

const nowhere = { epoch: null, revision: 0 }

/** What an answer changed: all, or some users only. */
export type News = { kind: 'everything' } | { kind: 'clients'; clients: DynsecClient[]; removed: string[] }

export class DesiredCopy {
  readonly #path: string
  #entries = new StateEntries()
  #position: Pick<Position, 'epoch' | 'revision'> = nowhere
  #sequence = 0
  #receivedAt: string | null = null

  constructor(folder: string) {
    this.#path = join(folder, 'desired.json')
  }

  /** Null: nothing was received yet. */
  get receivedAt(): string | null {
    return this.#receivedAt
  }

  get sequence(): number {
    return this.#sequence
  }

  /** Null: nothing was received yet. */
  get state(): DesiredState | null {
    return this.#receivedAt === null ? null : fromEntries(this.#entries.entries(), this.#sequence)
  }

  get position(): Position {
    return { ...this.#position, digest: this.#receivedAt === null ? null : this.#entries.digest }
  }

  /** A file that is missing or damaged counts as none: the console sends everything again. */
  async load(): Promise<void> {
    const text = await readFileIfThere(this.#path)
    const stored = text === null ? null : parse(text)
    if (!stored) return
    const entries = new StateEntries()
    for (const [key, value] of Object.entries(stored.entries)) entries.set(key, value)
    if (entries.digest !== stored.digest) return
    this.#entries = entries
    this.#sequence = stored.sequence
    this.#receivedAt = stored.receivedAt
  }

  /**
   * Returns what is new; null if nothing is. Throws `WrongAnswer` if the result differs from what the console has, or is no state of a
   * broker. The copy is unchanged then, and the next pull asks for everything.
   */
  take({ epoch, revision, sequence, digest, entries, isWhole, removed, at }: PullAnswer): News | null {
    const isSameEpoch = epoch === this.#position.epoch
    const isNew = !isSameEpoch || revision !== this.#position.revision
    const next = isWhole ? new StateEntries() : this.#entries.copy()
    for (const key of removed) next.delete(key)
    for (const [key, value] of Object.entries(entries ?? {})) next.set(key, value)
    if (next.digest !== digest) throw this.#reject('it does not add up to the state of the console')
    const changed = Object.keys(entries ?? {})
    const isOnlyClients = [...changed, ...removed].every((key) => key.startsWith('client '))
    try {
      fromEntries(Object.entries(entries ?? {}), sequence)
    } catch {
      throw this.#reject('it is no state of a broker')
    }
    this.#entries = next
    this.#position = { epoch, revision }
    this.#sequence = sequence
    this.#receivedAt = at
    if (!isNew) return null
    if (isWhole || !isSameEpoch || !isOnlyClients) return { kind: 'everything' }
    return {
      kind: 'clients',
      clients: Object.entries(entries ?? {}).map(([key, value]) => clientOf(key, value)),
      removed: removed.map((key) => key.slice('client '.length)),
    }
  }

  #reject(why: string): WrongAnswer {
    this.#position = nowhere
    return new WrongAnswer(why)
  }

  async save(): Promise<void> {
    const { sequence, receivedAt } = this
    const entries = Object.fromEntries(this.#entries.entries())
    const text = JSON.stringify({ sequence, digest: this.#entries.digest, receivedAt, entries })
    await writeFileSafely(this.#path, text, 0o600)
  }
}

function parse(text: string): z.output<typeof Stored> | null {
  try {
    return Stored.parse(JSON.parse(text))
  } catch {
    return null
  }
}
