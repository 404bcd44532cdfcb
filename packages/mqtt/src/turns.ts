/**
 * Shares the thread. All connections together may work for some milliseconds in one turn of the event loop, and each of them for
 * one millisecond at a time; what is left waits, in order. So one client with much to do cannot hold up the packets of others.
 */

/** Answers for an error of its work, so that one client does not end the process for all others. */
export interface FaultHandler {
  /** Called when its work has thrown: reports the error and ends what it belongs to. Must not throw. */
  failed(error: unknown): void
}

export interface Task extends FaultHandler {
  /** Goes on working. Calls `later` again if `isSpent` became true before it was done. */
  run(): void
}

export interface Flushable extends FaultHandler {
  flush(): void
}

const turnMs = 4
const sliceMs = 1

export class Turns {
  #startedAt = 0
  #waiting: Task[] = []
  readonly #queued = new Set<Task>()
  #written: Flushable[] = []
  #flushed = 0

  /** The beginning of a piece of work, for `isSpent`. */
  beginSlice(): number {
    this.#begin()
    return performance.now()
  }

  /** Is the time of this turn used up, or the millisecond of the slice? Asked between two packets. */
  isSpent(sliceStartedAt: number): boolean {
    const now = performance.now()
    return now - sliceStartedAt > sliceMs || now - this.#startedAt > turnMs
  }

  /** Runs the task in a later turn. A task that waits already is not added again. */
  later(task: Task): void {
    if (this.#queued.has(task)) return
    this.#queued.add(task)
    this.#waiting.push(task)
    this.#begin()
  }

  /** Flushes it at the end of the turn, so that many small packets become one write. */
  flushLater(written: Flushable): void {
    this.#written.push(written)
    this.#begin()
  }

  #begin(): void {
    if (this.#startedAt !== 0) return
    this.#startedAt = performance.now()
    setImmediate(() => this.#end())
  }

  #end(): void {
    this.#startedAt = 0
    if (!this.#flush()) return this.#begin()
    if (this.#waiting.length === 0) return
    this.#begin()
    const tasks = this.#waiting
    this.#waiting = []
    let done = 0
    for (const task of tasks) {
      if (performance.now() - this.#startedAt > turnMs) break
      this.#queued.delete(task)
      done++
      try {
        task.run()
      } catch (error) {
        task.failed(error)
      }
    }
    this.#waiting = [...tasks.slice(done), ...this.#waiting]
  }

  /**
   * A write to the network takes longer than the packet in it, so writes to thousands of clients are spread over turns. Tasks wait
   * meanwhile: they would make more output than is written.
   * @returns false if the time was not enough.
   */
  #flush(): boolean {
    const startedAt = performance.now()
    // A flush may add more at the end.
    while (this.#flushed < this.#written.length) {
      const next = this.#written[this.#flushed++]!
      try {
        next.flush()
      } catch (error) {
        next.failed(error)
      }
      if (performance.now() - startedAt > turnMs && this.#flushed < this.#written.length) return false
    }
    this.#written = []
    this.#flushed = 0
    return true
  }
}
