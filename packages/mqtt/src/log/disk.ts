/**
 * Access to the files of the log from the engine's event loop. A thread of its own makes the calls: neither a slow disk nor other
 * work holds them up. Node's thread pool has four threads for the whole process, which an embedder can fill with password hashes.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { DiskArgument, DiskCall, DiskResult } from './disk-calls.ts'

export interface DiskRequest {
  name: DiskCall
  argument: DiskArgument<DiskCall>
}

/** An error loses its class on the way between threads; its code stays. */
export interface DiskAnswer {
  result: unknown
  error: { message: string; code: string | undefined } | undefined
}

/** Threads of closed logs, for the next ones. Undefined in production: there a thread ends with its log. */
let idle: Worker[] | undefined

/** For tests, which open hundreds of logs in one process: the start of a thread costs more than all else of a log. */
export function keepDiskThreadsForTests(): void {
  idle ??= []
}

export async function endDiskThreadsForTests(): Promise<void> {
  const threads = idle ?? []
  idle = undefined
  await Promise.all(threads.map((thread) => thread.terminate()))
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

export class Disk {
  /** Started by the first call. If it dies, the next call starts another one. */
  #thread: Worker | undefined
  #waiting: Waiting | undefined

  /** Only one call at a time. Memory in `transfer` belongs to the thread afterwards. */
  async call<Name extends DiskCall>(
    name: Name,
    argument: DiskArgument<Name>,
    transfer: ArrayBuffer[] = [],
  ): Promise<DiskResult<Name>> {
    this.#thread ??= this.#start()
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting = { resolve, reject }
    this.#thread.postMessage({ name, argument } satisfies DiskRequest, transfer)
    return (await promise) as DiskResult<Name>
  }

  async close(): Promise<void> {
    const thread = this.#thread
    if (!thread) return
    if (idle) return this.#keep(thread, idle)
    const ended = once(thread, 'exit')
    await thread.terminate()
    await ended
  }

  async #keep(thread: Worker, kept: Worker[]): Promise<void> {
    await this.call('close', undefined)
    this.#thread = undefined
    // By name: without names, Node's own listener goes too, which opens the port for the next log.
    for (const name of ['message', 'error', 'exit']) thread.removeAllListeners(name)
    thread.unref()
    kept.push(thread)
  }

  #start(): Worker {
    const thread = idle?.pop() ?? new Worker(new URL('./disk-thread.ts', import.meta.url), { name: 'log' })
    thread.ref()
    thread.on('message', ({ result, error }: DiskAnswer) => {
      const waiting = this.#waiting
      this.#waiting = undefined
      if (error) waiting?.reject(Object.assign(new Error(error.message), { code: error.code }))
      else waiting?.resolve(result)
    })
    thread.on('error', (error: Error) => this.#end(thread, error))
    thread.on('exit', () => this.#end(thread, new Error('the thread of the log has ended')))
    return thread
  }

  #end(thread: Worker, error: Error): void {
    if (this.#thread === thread) this.#thread = undefined
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}
