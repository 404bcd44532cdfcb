/** When the next attempt may be made after failures. */
const firstMs = 500
const slowestMs = 30_000

export class Retry {
  #delayMs = 0
  #at = 0

  isDue(): boolean {
    return performance.now() >= this.#at
  }

  /** After a failure. Each one in a row waits twice as long. True for the first in a row. */
  delay(): boolean {
    const isFirst = this.#delayMs === 0
    this.#delayMs = isFirst ? firstMs : Math.min(2 * this.#delayMs, slowestMs)
    this.#at = performance.now() + this.#delayMs
    return isFirst
  }

  reset(): void {
    this.#delayMs = 0
    this.#at = 0
  }
}
