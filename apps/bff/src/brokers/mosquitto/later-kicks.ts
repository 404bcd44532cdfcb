/**
 * Ends the connections of many users whose rights were taken already, a few at a time. Mosquitto serves no client while it handles a
 * command, so it gets as much time for its clients as for these commands, and other changes come in between.
 */
import { setTimeout as wait } from 'node:timers/promises'

/** Of commands, between two pauses of the same length. */
const sliceMs = 250
const mostAtOnce = 50

export class LaterKicks {
  /** Usernames. Never more than the broker has clients. */
  readonly #waiting = new Set<string>()
  readonly #kick: (usernames: readonly string[]) => Promise<void>
  #isRunning = false

  /** `kick` waits for its turn among other changes. After a rejection the rest waits for the next `resume`. */
  constructor(kick: (usernames: readonly string[]) => Promise<void>) {
    this.#kick = kick
  }

  /** Users whose connections have not ended yet. */
  get count(): number {
    return this.#waiting.size
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  /** They wait for `resume`. */
  add(usernames: readonly string[]): void {
    for (const username of usernames) this.#waiting.add(username)
  }

  /** Another command has ended these connections. */
  clear(): void {
    this.#waiting.clear()
  }

  resume(): void {
    if (!this.#isRunning) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    let atOnce = 1
    while (this.#waiting.size > 0) {
      const some = [...this.#waiting].slice(0, atOnce)
      const startedAt = performance.now()
      try {
        await this.#kick(some)
      } catch {
        break
      }
      for (const username of some) this.#waiting.delete(username)
      const elapsedMs = performance.now() - startedAt
      atOnce = Math.max(1, Math.min(mostAtOnce, Math.floor((sliceMs * some.length) / elapsedMs)))
      await wait(elapsedMs, undefined, { ref: false })
    }
    // In the same step as the last look, so that no `resume` is lost in between.
    this.#isRunning = false
  }
}
