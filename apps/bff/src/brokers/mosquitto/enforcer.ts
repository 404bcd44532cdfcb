/**
 * Makes one Mosquitto enforce a desired state: dynsec over its control topic, CAs and CRLs as files, SIGHUP, and the end of
 * connections. It compares with what it finds, so it needs no memory of its own, and a second call with the same state finds nothing
 * to do. It knows no database: the console on the same machine and the agent on another use it.
 */
import type { BrokerProblem } from '@gatehouse/contract/brokers/inventory'
import { type ClientChanges, noteChanges, planChanges, withoutUser } from './client-changes.ts'
import {
  type ConnectFault,
  type ControlAddress,
  type ControlClient,
  ControlError,
  type ControlOptions,
  connectControl,
} from './control-client.ts'
import type { DesiredState, DynsecClient } from './desired-state.ts'
import { type Drift, findDrift, planRestoration } from './drift.ts'
import { Dynsec, type DynsecCommand, type FoundState } from './dynsec.ts'
import { areMost, mayReceive, planKicks } from './dynsec-base.ts'
import { isManaged, passwordTagIn, planPassword } from './dynsec-plan.ts'
import { LaterKicks } from './later-kicks.ts'
import { type Trust, TrustEnforcer } from './trust-enforcer.ts'
import type { AppliedTrust } from './trust-files.ts'

export interface EnforcerSettings {
  /** Null: no listener of this Mosquitto accepts certificates. */
  capath: string | null
  crlFile: string | null
  pidFile: string | null
  control: ControlAddress
}

export interface Progress {
  done: number
  total: number
}

export class MosquittoEnforcer {
  readonly #settings: EnforcerSettings
  readonly #control: ControlClient
  readonly #dynsec: Dynsec
  /** What dynsec has. Null: not known. */
  #found: FoundState | null = null
  /** By username: what it shall have, as far as the last calls said. */
  readonly #wanted = new Map<string, DynsecClient>()
  readonly #trust: TrustEnforcer
  #problem: BrokerProblem | null = null
  #progress: Progress | null = null
  #drift: Drift | null = null
  readonly #later = new LaterKicks((usernames) => this.#inTurn(() => this.#kick(usernames)))
  #turn: Promise<unknown> = Promise.resolve()

  /** `onConnect`: the caller applies the whole state, because anything may have happened meanwhile. */
  constructor(settings: EnforcerSettings, options: ControlOptions = {}) {
    this.#settings = settings
    this.#control = connectControl(settings.control, {
      ...options,
      countsConnections: true,
      onDisconnect: () => {
        this.#found = null
        options.onDisconnect?.()
      },
    })
    this.#dynsec = new Dynsec(this.#control)
    this.#trust = new TrustEnforcer(settings, (usernames) => this.#kick(usernames))
  }

  get isConnected(): boolean {
    return this.#control.isConnected
  }

  get fault(): ConnectFault | null {
    return this.#control.fault
  }

  /** All live connections. Null: this Mosquitto does not permit to read their number. */
  get connections(): number | null {
    return this.#control.connections
  }

  /** While many commands are under way. */
  get progress(): Progress | null {
    return this.#progress
  }

  /** Users who have lost rights and whose connections have not ended yet. */
  get toEnd(): number {
    return this.#later.count
  }

  /** Of the last look. Null: not looked yet. */
  get drift(): Drift | null {
    return this.#drift
  }

  get foreignFiles(): AppliedTrust['foreign'] {
    return this.#trust.foreignFiles
  }

  get problems(): BrokerProblem[] {
    return [...this.#trust.problems, ...(this.#problem ? [this.#problem] : [])]
  }

  /** Users whose password is not known to this Mosquitto, because it was neither set nor proved since it is managed. */
  get withoutPassword(): string[] {
    const found = this.#found
    if (!found) return []
    return [...this.#wanted.values()].flatMap(({ username, passwordTag }) => {
      const client = found.clients.get(username)
      return passwordTag !== null && (!client || passwordTagIn(client) !== passwordTag) ? [username] : []
    })
  }

  /** Usernames of clients that the console did not make. */
  get foreignClients(): string[] {
    return this.#drift?.clients ?? []
  }

  /** The whole state. Rights are taken first, then trust, then rights are given. Rejects with `ControlError` or `TrustFilesError`. */
  apply(state: Trust & Pick<DesiredState, 'clients'>): Promise<void> {
    return this.#inTurn(async () => {
      this.#wanted.clear()
      this.#want(state.clients)
      const found = await this.#reach(() => this.#read())
      const gone = [...found.clients.values()].filter((each) => isManaged(each) && !this.#wanted.has(each.username))
      await this.#applyClients({ clients: state.clients, removed: gone.map(({ username }) => username) }, () =>
        this.#trust.apply(state),
      )
      this.#drift = this.#findDrift(this.#found ?? found)
      this.#later.resume()
    })
  }

  /** Some users. */
  applyClients(changes: ClientChanges): Promise<void> {
    return this.#inTurn(async () => {
      for (const username of changes.removed) this.#wanted.delete(username)
      this.#want(changes.clients)
      await this.#applyClients(changes, async () => {})
    })
  }

  /**
   * Also without a connection: the files are right when Mosquitto starts. `revoked`: the users of the certificates that the CRLs
   * revoke now and did not before. Null: not known, so the connections of all users end if a CRL revokes other certificates.
   */
  applyTrust(trust: Trust, revoked: readonly string[] | null = null): Promise<void> {
    return this.#inTurn(() => this.#trust.apply(trust, revoked))
  }

  /** Resolves with false if the password does not count there. It is sent once and not kept. */
  setPassword(username: string, secret: { password: string; tag: string }): Promise<boolean> {
    return this.#inTurn(async () => {
      const client = (await this.#known()).clients.get(username)
      if (!client || this.#wanted.get(username)?.passwordTag !== secret.tag) return false
      // Setting it again would end the user's connections.
      if (passwordTagIn(client) === secret.tag) return true
      const command = planPassword(username, secret)
      await this.#run([command])
      client.textdescription = String(command['textdescription'])
      return true
    })
  }

  /** Reads dynsec and compares. */
  lookForDrift(): Promise<Drift> {
    return this.#inTurn(async () => {
      this.#drift = this.#findDrift(await this.#read())
      return this.#drift
    })
  }

  /** The live connections of these users. Null: this Mosquitto does not count them. Not in turn: a preview must not wait for changes. */
  countConnections(usernames: readonly string[]): Promise<number | null> {
    return this.#dynsec.countConnections(usernames)
  }

  /** Removes what is foreign, and brings the users back. */
  restore(): Promise<void> {
    return this.#inTurn(async () => {
      const drift = this.#findDrift(await this.#read())
      await this.#run(planRestoration(drift))
      const found = await this.#read()
      const removed = drift.changed.filter((username) => !this.#wanted.has(username))
      const clients = drift.changed.flatMap((username) => this.#wanted.get(username) ?? [])
      await this.#applyClients({ clients, removed }, async () => {})
      this.#drift = this.#findDrift(this.#found ?? found)
    })
  }

  /** Removes clients that are not managed, such as one with the name of a user who has no rights here. */
  removeForeign(usernames: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#run(usernames.map((username) => ({ command: 'deleteClient', username })))
      this.#drift = this.#findDrift(await this.#read())
    })
  }

  async close(): Promise<void> {
    await this.#control.close()
    await this.#turn.catch(() => {})
  }

  #want(clients: readonly DynsecClient[]): void {
    const { username: controlUser } = this.#settings.control
    for (const client of clients) if (client.username !== controlUser) this.#wanted.set(client.username, client)
  }

  async #applyClients(given: ClientChanges, between: () => Promise<void>): Promise<void> {
    const found = await this.#known()
    const changes = withoutUser(given, this.#settings.control.username)
    const { taking, giving, toEnd } = planChanges(found, changes)
    // First: if a command fails, the next plan does not know of the rights that the ones before it took.
    this.#later.add(toEnd)
    await this.#run(taking)
    await this.#endLater(found, toEnd)
    await between()
    await this.#run(giving)
    noteChanges(found, changes)
  }

  /** One command ends all connections. If most users are concerned, the others connect again sooner than the commands would take. */
  async #endLater(found: FoundState, usernames: readonly string[]): Promise<void> {
    if (!areMost(found, usernames)) return this.#later.resume()
    await this.#kick(null)
    this.#later.clear()
  }

  async #kick(usernames: readonly string[] | null): Promise<void> {
    await this.#run(planKicks(await this.#known(), usernames))
  }

  /** After a failed command it is not known what dynsec has. */
  async #run(commands: readonly DynsecCommand[]): Promise<void> {
    if (commands.length === 0) return
    this.#progress = { done: 0, total: commands.length }
    try {
      const failures = await this.#dynsec.run(commands, (done) => {
        this.#progress = { done, total: commands.length }
      })
      const [first] = failures
      if (first) this.#found = null
      if (first) this.#problem = { code: 'wrong_answer', detail: `${first.command}: ${first.error}` }
      else this.#problem = null
    } catch (error) {
      this.#found = null
      throw error
    } finally {
      this.#progress = null
    }
  }

  async #known(): Promise<FoundState> {
    return this.#found ?? this.#read()
  }

  async #read(): Promise<FoundState> {
    this.#found = null
    const found = await this.#dynsec.read()
    if (!mayReceive(found, this.#settings.control.username)) {
      // With `publishClientReceive` denied by default the console would not get an answer any more.
      this.#problem = { code: 'default_access', detail: this.#settings.control.username }
      throw new ControlError('not_permitted')
    }
    this.#problem = null
    this.#found = found
    return found
  }

  /** Without an answer to the first question there is no plugin that could answer. */
  async #reach<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof ControlError && error.code === 'no_answer') {
        this.#problem = { code: 'dynsec_missing', detail: null }
      }
      throw error
    }
  }

  #findDrift(found: FoundState): Drift {
    return findDrift(found, { wanted: this.#wanted, controlUser: this.#settings.control.username })
  }

  /** One after the other: an older state must not overwrite a newer one. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }
}
