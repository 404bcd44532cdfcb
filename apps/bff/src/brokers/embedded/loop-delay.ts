import { monitorEventLoopDelay } from 'node:perf_hooks'

const resolutionMs = 20
const remembered = 12

/** How late this thread's event loop gets to its work: the worst of the last intervals, so that no scrape falls into a gap. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  #recent: number[] = []

  constructor() {
    this.#histogram.enable()
  }

  /** An interval is over. */
  step(): void {
    this.#recent = [...this.#recent, this.#secondsNow()].slice(-remembered)
    this.#histogram.reset()
  }

  /** Of 100 turns 99 began no later than this. */
  worstSeconds(): number {
    return Math.max(this.#secondsNow(), ...this.#recent)
  }

  #secondsNow(): number {
    // Includes the pause between two looks, which is no delay.
    return this.#histogram.count === 0 ? 0 : Math.max(this.#histogram.percentile(99) / 1e9 - resolutionMs / 1_000, 0)
  }
}
