/** A Mosquitto on another host, behind the port that all brokers have. Its agent pulls what this adapter compiles. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Capabilities } from '@gatehouse/contract/brokers/capabilities'
import type { BrokerState, TestStep } from '@gatehouse/contract/brokers/inventory'
import type { KnownPassword } from '../../identity/passwords/known-password.ts'
import { ChangeFollower } from '../../platform/changes/follower.ts'
import {
  type AdapterParts,
  type BrokerAdapter,
  type BrokerRow,
  type Enforced,
  type Foreseen,
  type ForeseenChange,
  notConfirmed,
  nothingForeseen,
} from '../inventory/adapter.ts'
import { testStrangers } from '../inventory/probe.ts'
import { mosquittoCapabilities } from '../mosquitto/capabilities.ts'
import type { DesiredSource } from '../mosquitto/desired-source.ts'
import { passwordTagOf } from '../mosquitto/password-tag.ts'
import { readAgentState, testAgent } from './agent-state.ts'
import type { EnforcerConnection } from './connection.ts'
import { DesiredFeed } from './desired-feed.ts'
import type { EnforcerHub } from './hub.ts'

/** Another process of the console writes into the same log. */
const lookEveryMs = 250
/** CRLs are renewed without a change of the log. */
const readTrustEveryMs = 10 * 60_000
const retryAfterMs = 1_000

/** As a Mosquitto on the same machine, but the agent may need two seconds. */
const capabilities: Capabilities = {
  ...mosquittoCapabilities,
  trustAddMs: 2_000,
  trustRemoveMs: 2_000,
  endsWithinMs: 2_000,
}

interface Options {
  hub: EnforcerHub
  source: DesiredSource
}

type Row = BrokerRow<'mosquitto-agent'>

export class AgentAdapter implements BrokerAdapter {
  readonly id: string
  readonly name: string
  readonly capabilities = capabilities
  readonly #row: Row
  readonly #parts: AdapterParts
  readonly #options: Options
  readonly #connection: EnforcerConnection
  readonly #feed: DesiredFeed
  readonly #stop = new AbortController()
  readonly #following: Promise<void>
  /** Null: the first state is not read yet. */
  #follower: ChangeFollower | null = null

  constructor(row: Row, parts: AdapterParts, options: Options) {
    this.id = row.id
    this.name = row.name
    this.#row = row
    this.#parts = parts
    this.#options = options
    this.#connection = options.hub.open(row.id)
    this.#feed = new DesiredFeed(this.#connection.feed, options.source)
    this.#following = this.#follow()
  }

  /** Mosquitto does not say how many connections it has closed. */
  async enforced(sequences: readonly number[]): Promise<Enforced> {
    if (!this.#connection.isConnected || !this.#follower) return notConfirmed
    await this.#follower.enforced(sequences)
    this.#connection.changed()
    const applied = await this.#connection.applied(this.#connection.feed.revision)
    return applied ? { isConfirmed: true, disconnected: applied.ended } : notConfirmed
  }

  /** The agent is not asked, so its Mosquitto counts nothing. */
  async foresee(change: ForeseenChange): Promise<Foreseen | null> {
    const { ends } = await this.#options.source.foresee(change, { writesTrust: true })
    if (ends === 'nothing') return nothingForeseen
    return this.#connection.isConnected ? { ends, connections: null } : null
  }

  async state(): Promise<BrokerState> {
    const { reader, clock } = this.#parts
    const { source } = this.#options
    return readAgentState(this.id, {
      reader,
      now: clock.now(),
      connection: this.#connection,
      remarks: source.remarks.list(),
    })
  }

  async test(): Promise<TestStep[]> {
    const { host, settings } = this.#row
    const agent = testAgent(await this.state())
    const { certificate, password } = settings.ports
    const ports = [certificate, password].filter((port) => port !== null)
    return [agent, ...(host === null ? [] : await testStrangers({ host }, { ports, username: null }))]
  }

  /** Goes with the next answer to the agent, or nowhere if it is away. */
  async passwordKnown({ username, credential, password }: KnownPassword): Promise<void> {
    if (!this.#connection.isConnected || !this.#follower) return
    // The user may have been made just now.
    await this.#follower.follow()
    this.#connection.sendPassword({ username, password, tag: passwordTagOf(credential) })
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#options.hub.close(this.id, this.#connection)
    await this.#following
  }

  /** Nothing ends it but `close`: a database that is away is asked again. */
  async #follow(): Promise<void> {
    const { signal } = this.#stop
    let isFailing = false
    let followedVersion: number | null = null
    let trustReadAt = performance.now()
    while (!signal.aborted) {
      try {
        const follower = await this.#start()
        // Read before the log: a commit in between shows in the version of the next look.
        const version = await this.#parts.changes.dataVersion()
        if (version !== followedVersion) await follower.follow()
        if (performance.now() - trustReadAt > readTrustEveryMs) {
          trustReadAt = performance.now()
          await this.#feed.readTrust()
        }
        this.#connection.changed()
        followedVersion = version
        isFailing = false
      } catch (error) {
        if (!isFailing) this.#parts.log.warn({ err: error, broker: this.name }, 'The state of the broker was not read')
        isFailing = true
      }
      await wait(isFailing ? retryAfterMs : lookEveryMs, null, { signal }).catch(() => {})
    }
  }

  async #start(): Promise<ChangeFollower> {
    if (this.#follower) return this.#follower
    const cursor = await this.#feed.readAll()
    const everything = async () => {
      await this.#feed.readAll()
      return []
    }
    this.#follower = new ChangeFollower(this.#parts.changes, {
      cursor,
      enforce: {
        change: async (change) => {
          await this.#feed.follow(change)
          return []
        },
        everything,
      },
    })
    return this.#follower
  }
}
