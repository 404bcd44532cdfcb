/**
 * Runs the broker's thread, calls it, and starts it again when it dies. A call is answered within two seconds or with null, so that an HTTP
 * request never waits longer for the broker.
 */
import type { EventEmitter } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { FailedListener, Listener } from '@gatehouse/contract/brokers/broker'
import { BadSettings } from '../../platform/base/bad-settings.ts'
import type { BrokerCalls, BrokerOptions, BrokerSettings, FromBroker, HostCallbacks, Log, ToBroker } from './port.ts'
import { type Args, Caller, type Result, runCall } from './rpc.ts'

const answerWithinMs = 2_000
const firstRestartAfterMs = 100
const slowestRestartAfterMs = 5_000
const steadyAfterMs = 30_000

const entry = new URL('./worker.ts', import.meta.url)

/** A `Worker`, or what a test puts in its place. */
export type BrokerThread = Pick<Worker, 'postMessage' | 'terminate'> & Pick<EventEmitter, 'on'>

let startThread = (settings: BrokerSettings): BrokerThread =>
  new Worker(entry, { workerData: settings, name: 'broker' })

/** For tests, which start hundreds of brokers. A test holds that the server never calls it. */
export function takeThreadsForTests(other: typeof startThread): void {
  startThread = other
}

export class BrokerSupervisor {
  readonly #log: Log
  readonly #callbacks: HostCallbacks
  #settings: BrokerSettings
  #caller: Caller<BrokerCalls> | null = null
  #worker: BrokerThread | null = null
  #isStopping = false
  #restartAfterMs = firstRestartAfterMs
  #listeningSince = 0
  listeners: readonly Listener[] = []
  failedListeners: readonly FailedListener[] = []

  constructor(options: BrokerOptions) {
    const {
      log,
      checkPassword,
      onSeen,
      onCertificatesSeen,
      onStats,
      onDecisions,
      readListenerCertificate,
      readUpstreamSecret,
      claimIdentity,
      admissionRules,
      admitDevice,
      ...settings
    } = options
    this.#log = log
    const records = { onSeen, onCertificatesSeen, onStats, onDecisions }
    const reads = { readListenerCertificate, readUpstreamSecret, admissionRules, claimIdentity }
    this.#callbacks = { checkPassword, ...records, ...reads, admitDevice }
    this.#settings = settings
  }

  get isRunning(): boolean {
    return this.#caller !== null
  }

  /** Resolves when the listeners are open. Rejects when they cannot be opened. */
  start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const worker = startThread(this.#settings)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    const post = (message: ToBroker) => worker.postMessage(message)
    const caller = new Caller<BrokerCalls>(post)
    this.#worker = worker
    worker.on('message', (message: FromBroker) => {
      if (message.type === 'listening') {
        this.#isOpen(message, caller)
        resolve()
      } else if (message.type === 'failed') {
        reject(message.isSettings ? new BadSettings([message.error]) : new Error(message.error))
      } else if (message.type === 'call') void runCall(this.#callbacks, message).then(post)
      else if (message.type === 'answer') caller.settle(message)
      else this.#log[message.level](message.facts, message.message)
    })
    worker.on('error', (error) => {
      this.#log.error({ err: error }, 'The broker has crashed')
      reject(error instanceof Error ? error : new Error(String(error)))
    })
    worker.on('exit', () => {
      reject(new Error('The broker has ended'))
      caller.close(new Error('The broker has ended'))
      if (this.#caller !== caller) return
      this.#caller = null
      if (!this.#isStopping) void this.#restart()
    })
    return promise
  }

  /** Null: the thread is not running, did not answer in time, or failed. */
  async call<K extends keyof BrokerCalls>(name: K, args: Args<BrokerCalls[K]>): Promise<Result<BrokerCalls[K]> | null> {
    if (!this.#caller) return null
    const late = new AbortController()
    try {
      const answered = this.#caller.call(name, args)
      return await Promise.race([answered, wait(answerWithinMs, null, { signal: late.signal, ref: false })])
    } catch (error) {
      this.#log.warn({ err: error, call: name }, 'The broker did not answer')
      return null
    } finally {
      late.abort()
    }
  }

  async replaceServerCertificate({ cert, key }: { cert: string; key: string }): Promise<void> {
    // Also for the next start of the thread.
    this.#settings = { ...this.#settings, serverCertificate: { cert, key } }
    await this.call('replaceServerCertificate', [{ cert, key }])
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.call('stop', [])
    this.#caller = null
    await this.#worker?.terminate()
  }

  #isOpen(
    { listeners, failed, boundPorts }: Extract<FromBroker, { type: 'listening' }>,
    caller: Caller<BrokerCalls>,
  ): void {
    this.listeners = listeners
    this.failedListeners = failed
    // A port that the system chose stays the same after a restart.
    this.#settings = { ...this.#settings, boundPorts }
    if (this.#caller === caller) return
    this.#caller = caller
    this.#listeningSince = performance.now()
  }

  async #restart(): Promise<void> {
    if (performance.now() - this.#listeningSince > steadyAfterMs) this.#restartAfterMs = firstRestartAfterMs
    while (!this.#isStopping) {
      this.#log.warn({ afterMs: this.#restartAfterMs }, 'The broker is started again')
      await wait(this.#restartAfterMs)
      this.#restartAfterMs = Math.min(this.#restartAfterMs * 2, slowestRestartAfterMs)
      if (this.#isStopping) return
      try {
        return await this.start()
      } catch (error) {
        this.#log.error({ err: error }, 'The broker could not be started again')
      }
    }
  }
}
