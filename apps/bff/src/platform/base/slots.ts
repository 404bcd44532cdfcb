/** Runs at most some pieces of work at a time. The others wait in order. */
export class Slots {
  readonly #atOnce: number
  readonly #maxWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor({ atOnce, maxWaiting }: { atOnce: number; maxWaiting: number }) {
    this.#atOnce = atOnce
    this.#maxWaiting = maxWaiting
  }

  /** As much work waits as may wait. The caller refuses more, because `run` takes everything. */
  get isFull(): boolean {
    return this.#waiting.length >= this.#maxWaiting
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#atOnce) this.#running++
    else await new Promise<void>((resume) => this.#waiting.push(resume))
    try {
      return await work()
    } finally {
      // The work that waited longest takes this slot over, so that no newcomer gets ahead of it.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}
