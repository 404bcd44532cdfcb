/**
 * A publisher waits for subscribers that read more slowly than it writes, so that a burst of QoS 0 messages is not lost. Its time for that
 * is bounded whatever the subscribers do, and one that does not read at all cannot use it up for the others.
 */
import type { Connection } from './connection.ts'
import type { Peer } from './session.ts'

const refillPart = 1 / 10
/** A subscriber that has not read in this part of the patience is stuck. */
const stuckPart = 1 / 4
/** Less is not worth a wait. */
const leastMs = 10

export class Patience {
  readonly #mostMs: number
  #leftMs: number
  #countedAt = performance.now()

  constructor(mostMs: number) {
    this.#mostMs = mostMs
    this.#leftMs = mostMs
  }

  /** Stops reading the publisher until little waits for the subscriber's network, or the time is used up. */
  waitFor(subscriber: Peer, publisher: Connection): void {
    const startedAt = performance.now()
    this.#leftMs = Math.min(this.#mostMs, this.#leftMs + (startedAt - this.#countedAt) * refillPart)
    this.#countedAt = startedAt
    const stuckAfterMs = this.#mostMs * stuckPart
    const waitMs = Math.min(this.#leftMs, stuckAfterMs)
    if (waitMs < leastMs) return
    publisher.hold()
    let isOver = false
    const goOn = (): void => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      this.#countedAt = performance.now()
      this.#leftMs -= this.#countedAt - startedAt
      publisher.release()
    }
    const timer = setTimeout(() => {
      cancel()
      if (waitMs === stuckAfterMs) subscriber.isStuck = true
      goOn()
    }, waitMs)
    const cancel = subscriber.whenDrained(goOn)
  }
}
