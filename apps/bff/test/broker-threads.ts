/**
 * Keeps the thread of a stopped broker for the next one. To load the modules of the broker takes two thirds of the CPU of a
 * start, and the tests start some 300. A broker that crashed, or did not stop, takes its thread with it as in production.
 */
import { EventEmitter } from 'node:events'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { BrokerSettings, FromBroker, ToBroker } from '../src/brokers/embedded/port.ts'
import { type BrokerThread, takeThreadsForTests } from '../src/brokers/embedded/supervisor.ts'
import type { BrokerTask } from './broker-thread.ts'

const entry = new URL('./broker-thread.ts', import.meta.url)
const idle: Worker[] = []

export function keepBrokerThreads(): void {
  takeThreadsForTests((settings) => new KeptThread(settings))
}

/** For a test that needs the next broker in a new thread. */
export async function endIdleThreads(): Promise<void> {
  await Promise.all(idle.splice(0).map((worker) => worker.terminate()))
}

class KeptThread extends EventEmitter implements BrokerThread {
  readonly #worker = idle.pop() ?? new Worker(entry, { name: 'broker' })
  /** Of this broker alone: what the thread sends after the stop reaches nobody. */
  readonly #port: MessagePort
  #stopCall: number | undefined
  #hasStopped = false

  constructor(settings: BrokerSettings) {
    super()
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    port1.on('message', (message: FromBroker) => {
      if (message.type === 'answer' && message.id === this.#stopCall) this.#hasStopped = message.isOk
      this.emit('message', message)
    })
    this.#worker.ref()
    this.#worker.on('error', (error) => this.emit('error', error))
    this.#worker.on('exit', (code) => this.emit('exit', code))
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage({ settings, port: port2 } satisfies BrokerTask, [port2])
  }

  postMessage(message: ToBroker): void {
    if (message.type === 'call' && message.name === 'stop') this.#stopCall = message.id
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#port.postMessage(message)
  }

  async terminate(): Promise<number> {
    this.#port.close()
    if (!this.#hasStopped) return this.#worker.terminate()
    this.#worker.removeAllListeners()
    this.#worker.unref()
    idle.push(this.#worker)
    return 0
  }
}
