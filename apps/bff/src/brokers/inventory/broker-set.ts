/** All brokers that enforce changes. None of them can delay the answer of another, or fail a change. */
import type { BrokerImpact, BrokerResult } from '@gatehouse/contract/base'
import type { BrokerState, TestStep } from '@gatehouse/contract/brokers/inventory'
import type { KnownPassword } from '../../identity/passwords/known-password.ts'
import type { Keyring } from '../../platform/base/keyring.ts'
import type { Enforcement, Enforcers } from '../../platform/changes/enforcers.ts'
import { prepareChanges } from '../../platform/changes/store.ts'
import type { PreparedReader } from '../../platform/db/prepared-reader.ts'
import {
  type AdapterFactories,
  type AdapterParts,
  type BrokerAdapter,
  type BrokerRow,
  type ChangeLog,
  type ForeseenChange,
  type MakeAdapter,
  notConfirmed,
} from './adapter.ts'
import { followBrokers } from './broker-follower.ts'
import { answerWithin } from './deadline.ts'
import { listBrokers, readPasswordBox, unboxPassword } from './store.ts'

const answerWithinMs = 2_000
const testWithinMs = 20_000

export interface BrokerSetParts extends Omit<AdapterParts, 'changes' | 'prepared' | 'password'> {
  keyring: Keyring
  adapters: AdapterFactories
  openChanges(): PreparedReader
}

interface Running {
  id: string
  name: string
  version: number
  /** Null: its adapter could not be made. */
  adapter: BrokerAdapter | null
}

export class BrokerSet implements Enforcers {
  readonly #embedded: BrokerAdapter
  readonly #parts: BrokerSetParts
  readonly #running = new Map<string, Running>()
  #log: Pick<AdapterParts, 'changes' | 'prepared'> | null = null
  #turn: Promise<unknown> = Promise.resolve()
  #stopFollowing: (() => Promise<void>) | null = null

  constructor(embedded: BrokerAdapter, parts: BrokerSetParts) {
    this.#embedded = embedded
    this.#parts = parts
  }

  /** Loads the rows, and from then on loads them again after each change of them, also by another process. */
  async follow(): Promise<void> {
    const { changes } = this.#openLog()
    const cursor = await changes.latestChange()
    await this.load()
    this.#stopFollowing = followBrokers(changes, { log: this.#parts.log, cursor, load: () => this.load() })
  }

  /** Makes, replaces and closes adapters until they are those of the rows. */
  load(): Promise<void> {
    const turn = this.#turn.then(() => this.#loadNow())
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** Undefined: there is no such broker, or its adapter could not be made. */
  find(id: string): BrokerAdapter | undefined {
    return id === this.#embedded.id ? this.#embedded : (this.#running.get(id)?.adapter ?? undefined)
  }

  /** All but the embedded one. */
  others(): Pick<Running, 'id' | 'name' | 'adapter'>[] {
    return [...this.#running.values()]
  }

  async waitFor(sequences: readonly number[]): Promise<Enforcement> {
    if (sequences.length === 0) return { disconnected: 0, disconnectedByBroker: [] }
    const { id, name } = this.#embedded
    const own = { id, name, adapter: this.#embedded }
    const results = await Promise.all([own, ...this.others()].map((each) => this.#waitForOne(each, sequences)))
    return { disconnected: sum(results), disconnectedByBroker: results }
  }

  /** What a change would end on all but the embedded one. */
  foresee(change: ForeseenChange): Promise<BrokerImpact[]> {
    return Promise.all(
      this.others().map(async ({ id, name, adapter }) => {
        const ask = async () => (await adapter?.foresee?.(change)) ?? null
        const answer = await answerWithin(answerWithinMs, ask, this.#warn({ name }, 'foresee'))
        const admitsWithoutRights = adapter?.capabilities.decidesCertificates === false
        return { id, name, admitsWithoutRights, ...(answer ?? { ends: null, connections: null }) }
      }),
    )
  }

  /** Null: the adapter did not answer in time, or failed. */
  state(adapter: BrokerAdapter, withinMs = answerWithinMs): Promise<BrokerState | null> {
    return answerWithin(withinMs, () => adapter.state(), this.#warn(adapter, 'state'))
  }

  test(adapter: BrokerAdapter): Promise<TestStep[] | null> {
    return answerWithin(testWithinMs, () => adapter.test(), this.#warn(adapter, 'test'))
  }

  /** Gives it to all brokers that keep passwords of their own. Returns at once. */
  passwordKnown(known: KnownPassword): void {
    for (const { adapter } of this.#running.values()) {
      if (adapter?.passwordKnown) void adapter.passwordKnown(known).catch(this.#warn(adapter, 'passwordKnown'))
    }
  }

  async close(): Promise<void> {
    await this.#stopFollowing?.()
    await this.#turn
    await Promise.all([...this.#running.values()].map(({ adapter }) => this.#closeOne(adapter)))
    this.#running.clear()
    await this.#log?.prepared.close()
    this.#log = null
  }

  async #waitForOne(
    { id, name, adapter }: Pick<Running, 'id' | 'name' | 'adapter'>,
    sequences: readonly number[],
  ): Promise<BrokerResult> {
    const ask = async () => adapter?.enforced(sequences) ?? notConfirmed
    const answer = await answerWithin(answerWithinMs, ask, this.#warn({ name }, 'enforced'))
    const { isConfirmed: confirmed, disconnected } = answer ?? notConfirmed
    return { id, name, confirmed, disconnected }
  }

  async #loadNow(): Promise<void> {
    const rows = await listBrokers(this.#parts.db)
    const byId = new Map(rows.map((row) => [row.id, row]))
    for (const [id, { version, adapter }] of this.#running) {
      if (byId.get(id)?.version === version) continue
      this.#running.delete(id)
      await this.#closeOne(adapter)
    }
    for (const row of rows) {
      if (this.#running.has(row.id)) continue
      const box = await readPasswordBox(this.#parts.db, row.id)
      this.#running.set(row.id, { ...row, adapter: this.#make(row, box) })
    }
  }

  #make(row: BrokerRow, box: string | null): BrokerAdapter | null {
    const { adapters, log, keyring } = this.#parts
    // The table of factories has the right one for each kind. TypeScript cannot follow the kind through the lookup.
    const make = adapters[row.kind] as MakeAdapter | undefined
    if (!make) return null
    try {
      return make(row, {
        ...this.#parts,
        ...this.#openLog(),
        password: box === null ? null : unboxPassword(keyring, row.id, box),
      })
    } catch (error) {
      log.error({ err: error, broker: row.name }, 'The broker could not be connected')
      return null
    }
  }

  #openLog(): Pick<AdapterParts, 'changes' | 'prepared'> {
    if (!this.#log) {
      const prepared = this.#parts.openChanges()
      const changes: ChangeLog = { ...prepareChanges(prepared), dataVersion: () => prepared.dataVersion() }
      this.#log = { changes, prepared }
    }
    return this.#log
  }

  async #closeOne(adapter: BrokerAdapter | null): Promise<void> {
    if (adapter) await answerWithin(answerWithinMs, () => adapter.close(), this.#warn(adapter, 'close'))
  }

  #warn({ name }: Pick<BrokerAdapter, 'name'>, call: string): (error: unknown) => void {
    return (error) => this.#parts.log.warn({ err: error, broker: name, call }, 'The broker did not answer')
  }
}

/** Null if a broker did not confirm. */
function sum(results: readonly BrokerResult[]): number | null {
  if (results.some(({ confirmed }) => !confirmed)) return null
  return results.reduce((all, { disconnected }) => all + (disconnected ?? 0), 0)
}
