/** The broker engine: give it streams and a policy. It speaks MQTT 3.1.1 and 5.0. */
import type { Duplex } from 'node:stream'
import { Connection } from './connection.ts'
import { Core } from './core.ts'
import type { ConnectionInfo, Events, MessageWatcher, RetainedContent, RetainedInfo, SessionInfo } from './events.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { type OwnMessage, type PublishOutcome, publishOwn } from './own-messages.ts'
import { ClientHandler } from './packet-handler.ts'
import { reasonCodes } from './packets/reason-codes.ts'
import type { Policy } from './policy.ts'
import { restore } from './restore.ts'
import { describeContent, describeRetained } from './retained-info.ts'
import type { Session } from './session.ts'
import type { Store } from './store.ts'
import { type SystemTopicOptions, SystemTopics, sumTraffic } from './system-topics.ts'
import { Wills } from './will.ts'

export interface EngineOptions {
  policy: Policy
  /** Where sessions, messages and wills survive a restart. Without one they live in memory. */
  store?: Store
  events?: Events
  /** Overrides of `defaultLimits`. */
  limits?: Partial<Limits>
  /** Milliseconds since 1970. For tests. */
  now?: () => number
  /** Publishes the figures of the engine below `$SYS/broker`. Without it there are none. */
  systemTopics?: SystemTopicOptions | undefined
  /** How long `stop` waits for a store that does not answer. */
  stopTimeoutMs?: number
}

/** How the embedder ends a connection. */
export interface CloseOptions {
  /** A reason code of MQTT 5; by default 0x98, administrative action. */
  code?: number
  /** The reason string that MQTT 5 clients get. */
  text?: string
}

const tickMs = 1000
/** Number of connections or deadlines between two looks at the clock. */
const checkedAtOnce = 16

export class Engine {
  readonly #core: Core
  readonly #wills: Wills
  readonly #store: Store | undefined
  readonly #systemTopics: SystemTopics | undefined
  /** Also those that have not sent CONNECT yet. */
  readonly #connections = new Map<number, Connection>()
  #ticking: NodeJS.Timeout | undefined
  readonly #stopTimeoutMs: number
  readonly #makeHandler: (connection: Connection) => ClientHandler
  #isStopped = false
  #timeChecks: Generator<undefined, void> | undefined
  readonly #timeCheckTask = {
    run: () => this.#continueTimeChecks(),
    failed: (error: unknown) => {
      // The next tick begins again with all connections.
      this.#timeChecks = undefined
      this.#core.events.failed?.(error)
    },
  }

  private constructor({
    policy,
    store,
    events = {},
    limits = {},
    now = Date.now,
    systemTopics,
    stopTimeoutMs = 5000,
  }: EngineOptions) {
    this.#stopTimeoutMs = stopTimeoutMs
    this.#core = new Core({ policy, store, events, now, limits: { ...defaultLimits, ...limits } })
    this.#wills = new Wills(this.#core)
    this.#store = store
    const surroundings = {
      core: this.#core,
      wills: this.#wills,
      forget: (connection: Connection) => this.#connections.delete(connection.id),
    }
    this.#makeHandler = (connection) => new ClientHandler(connection, surroundings)
    const traffic = () => sumTraffic(this.#core.endedTraffic, this.#connections.values())
    this.#systemTopics = systemTopics && new SystemTopics(this.#core, systemTopics, { traffic })
  }

  /** Loads the stored state. Every stored session is judged by `policy.restore` before the first client is accepted. */
  static async start(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options)
    if (options.store) await restore(engine.#core, { store: options.store, wills: engine.#wills })
    engine.#ticking = setInterval(() => engine.tick(), tickMs)
    return engine
  }

  /**
   * Serves a client. The caller has accepted the connection and has its evidence (TLS, address).
   * @param context handed to `policy.connect` and to the events.
   */
  accept(stream: Duplex, context?: unknown): void {
    if (this.#isStopped) {
      stream.destroy()
      return
    }
    this.#core.counts.sockets++
    const connection = new Connection(this.#core, stream, { context, handler: this.#makeHandler })
    this.#connections.set(connection.id, connection)
  }

  /** The clients that are connected and admitted. */
  *connections(): Generator<ConnectionInfo, void> {
    for (const { info } of this.#connections.values()) if (info) yield info
  }

  /** A client that is connected and admitted. @param connectionId `ConnectionInfo.id`. */
  connection(connectionId: number): ConnectionInfo | undefined {
    return this.#connections.get(connectionId)?.info
  }

  *sessions(): Generator<SessionInfo, void> {
    for (const session of this.#core.sessions.values()) yield describe(session)
  }

  get sessionCount(): number {
    return this.#core.sessions.size
  }

  session(clientId: string): SessionInfo | undefined {
    const session = this.#core.sessions.get(clientId)
    return session && describe(session)
  }

  /** The filters of a session, as the policy judged them: of shared subscriptions the part behind the group. */
  filtersOf(clientId: string): string[] {
    const subscriptions = this.#core.sessions.get(clientId)?.subscriptions.values() ?? []
    return Array.from(subscriptions, ({ path }) => path)
  }

  /** How much is retained, by number and weight. */
  get retained(): { count: number; bytes: number } {
    return this.#core.retained.used
  }

  /** The retained messages that match a filter. Undefined comes between them, so that the caller can stop for a while. */
  *retainedMatching(filter: string): Generator<RetainedInfo | undefined, void> {
    for (const message of this.#core.retained.matching(filter)) {
      yield message && describeRetained(this.#core, message)
    }
  }

  /** As `retainedMatching`, with payloads, and with the topics below `$SYS` that the engine itself publishes. */
  *readable(filter: string): Generator<RetainedContent | undefined, void> {
    for (const message of this.#core.retainedMatching(filter)) yield message && describeContent(this.#core, message)
  }

  /** As `retainedOn`, also below `$SYS`. */
  readableOn(topic: string): RetainedContent | undefined {
    const message = this.#core.retained.get(topic) ?? this.#core.systemRetained.get(topic)
    return message && describeContent(this.#core, message)
  }

  /** Sets who sees every message, or nobody. */
  watch(watcher: MessageWatcher | undefined): void {
    this.#core.watcher = watcher
  }

  /** Publishes a message of the embedder. The policy is not asked. Resolves when it is on disk, if it had to be. */
  publish(message: OwnMessage): Promise<PublishOutcome> {
    return publishOwn(this.#core, message)
  }

  /** The retained message of a topic. Its payload is the engine's own memory: read it, do not change it. */
  retainedOn(topic: string): RetainedContent | undefined {
    const message = this.#core.retained.get(topic)
    return message && describeContent(this.#core, message)
  }

  /** Deletes the retained message of a topic. @returns false if there was none. */
  clearRetained(topic: string): boolean {
    return this.#core.retained.delete(topic)
  }

  /**
   * Ends a connection now: no packet of it is handled any more. Its will is not published; its session stays.
   * @param connectionId `ConnectionInfo.id`.
   * @returns false if there is no such connection.
   */
  close(connectionId: number, { code, text }: CloseOptions = {}): boolean {
    const connection = this.#connections.get(connectionId)
    if (!connection) return false
    const ending = { code: code ?? reasonCodes.administrativeAction, message: text ?? 'closed', dropsWill: true }
    connection.end(ending, text)
    return true
  }

  /** Ends a session with its connection, subscriptions, queued messages and will. @returns false if there is none. */
  dropSession(clientId: string, { code, text }: CloseOptions = {}): boolean {
    const session = this.#core.sessions.get(clientId)
    if (!session) return false
    const ending = {
      code: code ?? reasonCodes.administrativeAction,
      message: text ?? 'session dropped',
      dropsWill: true,
    }
    session.peer?.end(ending, text)
    session.end()
    this.#wills.discard(clientId)
    return true
  }

  /**
   * Ends all connections and waits until everything is on disk. Wills are published by the next start, as after a crash.
   * If the store fails or does not answer, what was not acknowledged is lost, and `events.storeFailed` is called.
   */
  async stop(): Promise<void> {
    this.#isStopped = true
    clearInterval(this.#ticking)
    this.#wills.keepAll()
    for (const connection of this.#connections.values()) {
      connection.end({ code: reasonCodes.serverShuttingDown, message: 'the server stops', dropsWill: false })
    }
    await this.#atMost(this.#core.journal.finish())
    if (this.#store) await this.#atMost(this.#store.close())
  }

  async #atMost(work: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the store did not answer before the stop')), this.#stopTimeoutMs)
    })
    try {
      await Promise.race([work, tooLate])
    } catch (error) {
      this.#core.events.storeFailed?.(error)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Looks at everything that time ends: keep alive, expiry, delays. Runs every second; tests call it after moving the clock. */
  tick(): void {
    this.#core.forgetFullBuckets()
    const now = this.#core.now()
    try {
      this.#systemTopics?.check(now)
    } catch (error) {
      this.#core.events.failed?.(error)
    }
    // The checks of the last second may still be under way.
    if (this.#timeChecks) return
    this.#timeChecks = this.#checkTime(now)
    this.#continueTimeChecks()
  }

  *#checkTime(now: number): Generator<undefined, void> {
    for (const connection of this.#connections.values()) {
      try {
        connection.checkTime(now)
      } catch (error) {
        connection.failed(error)
      }
      yield
    }
    yield* this.#core.deadlines.check(now)
  }

  /** In slices: many connections and sessions may end in the same second. */
  #continueTimeChecks(): void {
    const { turns } = this.#core
    const slice = turns.beginSlice()
    for (let checked = 1; this.#timeChecks; checked++) {
      if (this.#timeChecks.next().done) this.#timeChecks = undefined
      else if (checked % checkedAtOnce === 0 && turns.isSpent(slice)) return turns.later(this.#timeCheckTask)
    }
  }
}

function describe({ clientId, user, peer, expiresAt, subscriptions, outbox }: Session): SessionInfo {
  const queued = { ...outbox.used }
  return { clientId, user, isConnected: peer !== undefined, expiresAt, subscriptions: subscriptions.size, queued }
}
