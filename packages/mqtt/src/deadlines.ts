/** Calls back at given times, to the second. Setting and clearing cost the same for one deadline and for a million. */

export interface Deadline {
  second: number
  action: () => void
  isCleared: boolean
}

export class Deadlines {
  readonly #buckets = new Map<number, Set<Deadline>>()
  #reached: number
  readonly #failed: (error: unknown) => void

  /**
   * @param now milliseconds since 1970, as in all methods.
   * @param failed called with the error of an action. The other actions still run.
   */
  constructor(now: number, failed: (error: unknown) => void) {
    this.#failed = failed
    this.#reached = Math.floor(now / 1000)
  }

  /** Calls `action` in the first `check` at or after that time. */
  set(at: number, action: () => void): Deadline {
    const second = Math.max(Math.ceil(at / 1000), this.#reached + 1)
    const deadline = { second, action, isCleared: false }
    const bucket = this.#buckets.get(second)
    if (bucket) bucket.add(deadline)
    else this.#buckets.set(second, new Set([deadline]))
    return deadline
  }

  clear(deadline: Deadline | undefined): void {
    if (!deadline) return
    // An action can clear another one of the same second.
    deadline.isCleared = true
    const bucket = this.#buckets.get(deadline.second)
    bucket?.delete(deadline)
    if (bucket?.size === 0) this.#buckets.delete(deadline.second)
  }

  /**
   * Runs what is due, and yields after each action, so that the caller can stop for a while. A clock that was set back makes the
   * deadlines wait.
   */
  *check(now: number): Generator<undefined, void> {
    const second = Math.floor(now / 1000)
    if (second <= this.#reached) return
    const isFar = second - this.#reached > this.#buckets.size
    const due = isFar
      ? [...this.#buckets.keys()].filter((each) => each <= second).toSorted((a, b) => a - b)
      : range(this.#reached + 1, second)
    this.#reached = second
    for (const each of due) {
      const bucket = this.#buckets.get(each)
      this.#buckets.delete(each)
      for (const deadline of bucket ?? []) {
        if (!deadline.isCleared) this.#run(deadline)
        yield
      }
    }
  }

  #run({ action }: Deadline): void {
    try {
      action()
    } catch (error) {
      this.#failed(error)
    }
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}
