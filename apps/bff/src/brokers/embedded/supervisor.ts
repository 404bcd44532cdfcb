/**
 * Keeps the broker's thread: starts it, asks it, and starts it anew when it dies. A question is answered within two seconds or with null,
 * so that an answer to a person never hangs on the broker.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Listener } from '@gatehouse/contract/brokers/broker'
import type { BrokerQuestions, BrokerSettings, ConsoleQuestions, FromBroker, ToBroker } from './port.ts'
import { type Answering, type Answers, type Asking, type Asks, answer, makeAsking } from './rpc.ts'
import type { BrokerOptions } from './thread.ts'

const answerWithinMs = 2_000
const firstRestartAfterMs = 100
const slowestRestartAfterMs = 5_000
const steadyAfterMs = 30_000

const entry = new URL('./worker.ts', import.meta.url)

export class ThreadKeeper {
  readonly #options: BrokerOptions
  readonly #answering: Answering<ConsoleQuestions>
  #settings: BrokerSettings
  #asking: Asking<BrokerQuestions> | null = null
  #worker: Worker | null = null
  #isStopping = false
  #restartAfterMs = firstRestartAfterMs
  listeners: readonly Listener[] = []

  constructor(options: BrokerOptions) {
    const { database, plain, tls, trustedProxies, clockOffset } = options
    this.#options = options
    this.#settings = { database, plain, tls, trustedProxies, clockOffset }
    this.#answering = { checkPassword: (attempt) => options.checkPassword(attempt) }
  }

  get isRunning(): boolean {
    return this.#asking !== null
  }

  /** Resolves when the listeners are open; rejects when they cannot be. */
  start(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const worker = new Worker(entry, { workerData: this.#settings, name: 'broker' })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    const post = (message: ToBroker) => worker.postMessage(message)
    const asking = makeAsking<BrokerQuestions>((message) => post(message as ToBroker))
    this.#worker = worker
    worker.on('message', (message: FromBroker) => {
      if (message.type === 'listening') {
        this.#isOpen(message.listeners, asking)
        resolve()
      } else if (message.type === 'failed') reject(new Error(message.error))
      else this.#receive(message, asking, post)
    })
    worker.on('error', (error) => {
      this.#options.log.error({ err: error }, 'The broker has crashed')
      reject(error instanceof Error ? error : new Error(String(error)))
    })
    worker.on('exit', () => {
      reject(new Error('The broker has ended'))
      asking.giveUp(new Error('The broker has ended'))
      if (this.#asking !== asking) return
      this.#asking = null
      if (!this.#isStopping) void this.#restart()
    })
    return promise
  }

  async ask<K extends keyof BrokerQuestions>(
    kind: K,
    ask: Asks<BrokerQuestions>[K],
  ): Promise<Answers<BrokerQuestions>[K] | null> {
    if (!this.#asking) return null
    const late = new AbortController()
    try {
      const answered = this.#asking.ask(kind, ask)
      return await Promise.race([answered, wait(answerWithinMs, null, { signal: late.signal, ref: false })])
    } catch (error) {
      this.#options.log.warn({ err: error, kind }, 'The broker did not answer')
      return null
    } finally {
      late.abort()
    }
  }

  async replaceServerCertificate({ cert, key }: { cert: string; key: string }): Promise<void> {
    const { tls } = this.#settings
    if (!tls) return
    // Also for the next start of the thread.
    this.#settings = { ...this.#settings, tls: { ...tls, cert, key } }
    await this.ask('replaceServerCertificate', { cert, key })
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.ask('stop', null)
    this.#asking = null
    await this.#worker?.terminate()
  }

  #isOpen(listeners: readonly Listener[], asking: Asking<BrokerQuestions>): void {
    this.listeners = listeners
    this.#asking = asking
    const startedAt = performance.now()
    this.#worker?.once('exit', () => {
      if (performance.now() - startedAt > steadyAfterMs) this.#restartAfterMs = firstRestartAfterMs
    })
    // A port that was any free one stays the same.
    const { plain, tls } = this.#settings
    const portOf = (name: Listener['name']) => listeners.find((each) => each.name === name)?.port
    this.#settings = {
      ...this.#settings,
      plain: plain && { ...plain, port: portOf('mqtt') ?? plain.port },
      tls: tls && { ...tls, port: portOf('mqtts') ?? tls.port },
    }
  }

  #receive(
    message: Exclude<FromBroker, { type: 'listening' | 'failed' }>,
    asking: Asking<BrokerQuestions>,
    post: (message: ToBroker) => void,
  ): void {
    switch (message.type) {
      case 'ask':
        return void answer(this.#answering, message).then(post)
      case 'answer':
        return asking.settle(message)
      case 'seen':
        return this.#options.onSeen(message.seen)
      case 'certificatesSeen':
        return this.#options.onCertificatesSeen(message.seen)
      case 'told':
        return this.#options.onTold(message.told)
      case 'log':
        return this.#options.log[message.level](message.facts, message.message)
    }
  }

  async #restart(): Promise<void> {
    while (!this.#isStopping) {
      this.#options.log.warn({ afterMs: this.#restartAfterMs }, 'The broker is started again')
      await wait(this.#restartAfterMs)
      this.#restartAfterMs = Math.min(this.#restartAfterMs * 2, slowestRestartAfterMs)
      if (this.#isStopping) return
      try {
        return await this.start()
      } catch (error) {
        this.#options.log.error({ err: error }, 'The broker could not be started again')
      }
    }
  }
}
