/** A Mosquitto on the machine of Gatehouse: follows the change log and drives the enforcer. */
import type { BrokerState, TestStep } from '@gatehouse/contract/brokers/inventory'
import type { Logger } from 'pino'
import type { OwnCrl } from '../../certificates/built-in-authority/own-crl.ts'
import type { KnownPassword } from '../../identity/passwords/known-password.ts'
import { ChangeFollower } from '../../platform/changes/follower.ts'
import {
  type AdapterParts,
  type BrokerAdapter,
  type BrokerRow,
  type Enforced,
  type Foreseen,
  type ForeseenChange,
  type MakeAdapter,
  notConfirmed,
  nothingForeseen,
} from '../inventory/adapter.ts'
import { mosquittoCapabilities } from './capabilities.ts'
import { ChangeApplier } from './change-applier.ts'
import { ControlError } from './control-client.ts'
import { DesiredSource } from './desired-source.ts'
import { MosquittoEnforcer } from './enforcer.ts'
import { FirstLoadError, writeFirstLoad } from './first-load.ts'
import { type OpenedSettings, openSettings, traitsOf } from './local-settings.ts'
import { passwordTagOf } from './password-tag.ts'
import { problemsOf } from './problems.ts'
import { isRunning } from './reload-signal.ts'
import { Retry } from './retry.ts'
import { readApplied, saveApplied } from './store.ts'
import { testMosquitto } from './test-steps.ts'

/** What all brokers of this kind share. */
export interface MosquittoParts {
  ownCrl(): Promise<OwnCrl | null>
  /** The folders below which the console may write files for brokers. */
  folders: readonly string[]
}

export function makeMosquittoAdapter(shared: MosquittoParts): MakeAdapter<'mosquitto'> {
  return (row, parts) => new LocalMosquitto(row, { ...parts, ...shared })
}

const pollEveryMs = 250
const driftEveryMs = 30_000
/** Only the lag that is shown after a restart depends on it. */
const saveEveryMs = 5_000

export class LocalMosquitto implements BrokerAdapter {
  readonly capabilities = mosquittoCapabilities
  readonly #row: BrokerRow<'mosquitto'>
  readonly #parts: AdapterParts & MosquittoParts
  readonly #log: Logger
  readonly #source: DesiredSource
  readonly #opened: Promise<OpenedSettings>
  readonly #timers: NodeJS.Timeout[]
  readonly #retry = new Retry()
  /** Null: its settings are being read. */
  #enforcer: MosquittoEnforcer | null = null
  /** Null: it is not known at which change Mosquitto is. */
  #follower: ChangeFollower | null = null
  #applied: number | null = null
  #savedAt = Number.NEGATIVE_INFINITY
  #dataVersion: number | null = null
  #work: Promise<void> | null = null
  #isClosed = false

  constructor(row: BrokerRow<'mosquitto'>, parts: AdapterParts & MosquittoParts) {
    this.#row = row
    this.#parts = parts
    this.#log = parts.log.child({ broker: row.name })
    this.#source = new DesiredSource(parts, traitsOf(row))
    this.#opened = this.#open()
    this.#timers = [setInterval(() => this.#poll(), pollEveryMs), setInterval(() => void this.#look(), driftEveryMs)]
    for (const timer of this.#timers) timer.unref()
  }

  get id(): string {
    return this.#row.id
  }

  get name(): string {
    return this.#row.name
  }

  /** For the page of the broker. */
  get source(): DesiredSource {
    return this.#source
  }

  /** Null while the settings are being read. */
  get enforcer(): MosquittoEnforcer | null {
    return this.#enforcer
  }

  get opened(): Promise<OpenedSettings> {
    return this.#opened
  }

  async enforced(sequences: readonly number[]): Promise<Enforced> {
    if (!this.#follower || !this.#enforcer?.isConnected) return notConfirmed
    try {
      await this.#follower.enforced(sequences)
    } catch (error) {
      this.#lost(error)
      return notConfirmed
    }
    await this.#noteProgress()
    // Mosquitto does not say how many connections it ended.
    return { isConfirmed: true, disconnected: null }
  }

  async foresee(change: ForeseenChange): Promise<Foreseen | null> {
    const { capath } = await this.#opened
    const there = await this.#source.foresee(change, { writesTrust: capath !== null })
    if (there.ends === 'nothing') return nothingForeseen
    if (!this.#enforcer?.isConnected || !this.#follower) return null
    if (there.ends !== 'concerned') return { ends: 'all', connections: null }
    return { ends: 'concerned', connections: await this.#enforcer.countConnections(there.usernames) }
  }

  async state(): Promise<BrokerState> {
    const { problems } = await this.#opened
    const enforcer = this.#enforcer
    // As it was before a restart, until this process has applied something.
    this.#applied ??= await readApplied(this.#parts.db, this.id)
    return {
      reachable: enforcer?.isConnected === true,
      applied: this.#applied,
      problems: [...problems, ...(enforcer ? problemsOf(enforcer, this.#source.remarks.list()) : [])],
      connections: enforcer?.connections ?? null,
    }
  }

  async test(): Promise<TestStep[]> {
    return testMosquitto(this.#row, await this.#opened)
  }

  /** Not awaited by the caller who set or proved the password. A failure only means that the user has to sign in again. */
  async passwordKnown({ username, credential, password }: KnownPassword): Promise<void> {
    const tag = passwordTagOf(credential)
    if (!this.#enforcer?.isConnected || !this.#follower) return
    try {
      // The user may have been made just now.
      await this.#follower.follow()
      await this.#enforcer.setPassword(username, { password, tag })
    } catch (error) {
      this.#log.warn({ err: error }, 'A password did not reach Mosquitto; it will when it is used next')
    }
  }

  /** Brings Mosquitto to the desired state and undoes the changes of other programs. Rejects with `ControlError`. */
  restore(): Promise<void> {
    return this.#connected().restore()
  }

  /** Rejects with `ControlError`. */
  async lookForDrift(): Promise<void> {
    const enforcer = this.#connected()
    await enforcer.lookForDrift()
    await this.#removeKnownStrangers(enforcer)
  }

  /** Writes all users into the file of the plugin, and CAs and CRLs. Returns how many users. Rejects with `FirstLoadError`. */
  async writeFirstLoad(): Promise<number> {
    const { dynsecFile, pidFile } = await this.#opened
    if (dynsecFile === null) throw new FirstLoadError('not_allowed')
    const isUp = this.#enforcer?.isConnected === true || (pidFile !== null && (await isRunning(pidFile)))
    if (isUp) throw new FirstLoadError('running')
    const state = await this.#source.read()
    await writeFirstLoad(dynsecFile, state.clients)
    // Then Mosquitto is started, which fails without the CRL file.
    if (this.#enforcer) await writeTrust(this.#enforcer, state)
    return state.clients.length
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const timer of this.#timers) clearInterval(timer)
    await this.#opened.catch(() => {})
    await this.#enforcer?.close()
    await this.#work
  }

  async #open(): Promise<OpenedSettings> {
    const settings = await openSettings(this.#row, this.#parts)
    if (this.#isClosed) return settings
    this.#enforcer = new MosquittoEnforcer(settings, {
      onConnect: () => this.#poll(),
      onDisconnect: () => {
        this.#follower = null
        this.#retry.reset()
      },
    })
    return settings
  }

  /** One pass at a time. */
  #poll(): void {
    if (this.#work || this.#isClosed || !this.#enforcer) return
    this.#work = this.#pass(this.#enforcer)
      .then(() => this.#retry.reset())
      .catch((error: unknown) => this.#lost(error))
      .finally(() => {
        this.#work = null
      })
  }

  async #pass(enforcer: MosquittoEnforcer): Promise<void> {
    if (!this.#retry.isDue()) return
    // Read before the log: a commit in between shows in the next pass.
    const version = await this.#parts.changes.dataVersion()
    if (!enforcer.isConnected) return this.#passWithout(enforcer, version)
    if (!this.#follower) await this.#converge(enforcer)
    else if (version !== this.#dataVersion) await this.#follower.follow()
    this.#dataVersion = version
    await this.#noteProgress()
  }

  /** Mosquitto is away. Its files are kept up to date, so that it starts with them. */
  async #passWithout(enforcer: MosquittoEnforcer, version: number): Promise<void> {
    if (version === this.#dataVersion) return
    this.#dataVersion = version
    await writeTrust(enforcer, await this.#source.readTrust())
  }

  /** The whole state, and from then on only changes. */
  async #converge(enforcer: MosquittoEnforcer): Promise<void> {
    const state = await this.#source.read()
    await enforcer.apply(state)
    await this.#removeKnownStrangers(enforcer)
    const applier = new ChangeApplier({ ...this.#parts, source: this.#source, enforcer })
    this.#follower = new ChangeFollower(this.#parts.changes, {
      cursor: state.sequence,
      enforce: {
        change: (change) => applier.apply(change),
        everything: async () => {
          await enforcer.apply(await this.#source.read())
          return []
        },
      },
    })
  }

  #connected(): MosquittoEnforcer {
    if (!this.#enforcer?.isConnected || !this.#follower) throw new ControlError('not_connected')
    return this.#enforcer
  }

  async #look(): Promise<void> {
    const enforcer = this.#enforcer
    if (!this.#follower || !enforcer?.isConnected || enforcer.progress) return
    try {
      await this.lookForDrift()
      // The built-in authority's CRL is renewed, and others expire.
      await enforcer.applyTrust(await this.#source.readTrust())
    } catch (error) {
      this.#lost(error)
    }
  }

  /** A user without rights must not get access because another program made a client with that name. */
  async #removeKnownStrangers(enforcer: MosquittoEnforcer): Promise<void> {
    const strangers = await this.#source.withoutRights(enforcer.foreignClients)
    if (strangers.length > 0) await enforcer.removeForeign(strangers)
  }

  async #noteProgress(): Promise<void> {
    const applied = this.#follower?.cursor ?? null
    if (applied === null || applied === this.#applied) return
    this.#applied = applied
    if (performance.now() - this.#savedAt < saveEveryMs) return
    this.#savedAt = performance.now()
    await saveApplied(this.#parts.db, this.#parts.clock, { brokerId: this.id, applied })
  }

  /** The next pass compares everything anew. */
  #lost(error: unknown): void {
    this.#follower = null
    if (this.#isClosed) return
    // One line for each row of failures.
    if (this.#retry.delay()) this.#log.warn({ err: error }, 'Mosquitto could not be brought to the desired state')
  }
}

/** For a Mosquitto that is away. */
async function writeTrust(enforcer: MosquittoEnforcer, trust: Parameters<MosquittoEnforcer['applyTrust']>[0]) {
  try {
    await enforcer.applyTrust(trust)
  } catch (error) {
    // Connections end when it is back: the files have a mark for it.
    if (!(error instanceof ControlError)) throw error
  }
}
