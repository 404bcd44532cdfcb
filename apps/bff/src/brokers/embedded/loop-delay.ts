import { monitorEventLoopDelay } from 'node:perf_hooks'

const resolutionMs = 20
const remembered = 12

/** The delay of this thread's event loop: the worst of the last intervals, so that a scrape between two intervals has a value. */
export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  #recent: number[] = []

  constructor() {
    this.#histogram.enable()
  }

  /** Ends an interval. */
  step(): void {
    this.#recent = [...this.#recent, this.#secondsNow()].slice(-remembered)
    this.#histogram.reset()
  }

  /** The 99th percentile. */
  worstSeconds(): number {
    return Math.max(this.#secondsNow(), ...this.#recent)
  }

  #secondsNow(): number {
    // The histogram includes the sampling interval, which is not a delay.
    return this.#histogram.count === 0 ? 0 : Math.max(this.#histogram.percentile(99) / 1e9 - resolutionMs / 1_000, 0)
  }
}
