/** Connections by the network that they come from, and which network has the most of them, without a search. */

/** Those of one network. */
export class Crowd<T> {
  readonly network: string
  readonly #hasSent: (one: T) => boolean
  readonly #silent = new Set<T>()
  readonly #sending = new Set<T>()
  readonly #served = new Set<T>()

  constructor(network: string, hasSent: (one: T) => boolean) {
    this.network = network
    this.#hasSent = hasSent
  }

  get size(): number {
    return this.#silent.size + this.#sending.size + this.#served.size
  }

  add(one: T): void {
    this.#silent.add(one)
  }

  remove(one: T): void {
    this.#silent.delete(one)
    this.#sending.delete(one)
    this.#served.delete(one)
  }

  /** Moves it behind those that were served before. */
  served(one: T): void {
    this.remove(one)
    this.#served.add(one)
  }

  /** The first to go: the oldest that has sent nothing, else that has asked for nothing, else that asked longest ago. */
  first(): T | undefined {
    for (const one of this.#silent) {
      if (!this.#hasSent(one)) return one
      // Nobody tells that something has arrived: it is noticed here, once for each.
      this.#silent.delete(one)
      this.#sending.add(one)
    }
    return firstOf(this.#sending) ?? firstOf(this.#served)
  }
}

export class Crowds<T> {
  readonly #hasSent: (one: T) => boolean
  readonly #byNetwork = new Map<string, Crowd<T>>()
  /** At index n those with n members. A change moves a crowd to the next index, so the largest is known without a search. */
  readonly #bySize: Set<Crowd<T>>[] = []
  #largestSize = 0

  constructor(hasSent: (one: T) => boolean) {
    this.#hasSent = hasSent
  }

  /** The crowd of this network; a new one is kept once it has a member. */
  of(network: string): Crowd<T> {
    return this.#byNetwork.get(network) ?? new Crowd(network, this.#hasSent)
  }

  add(crowd: Crowd<T>, one: T): void {
    this.#byNetwork.set(crowd.network, crowd)
    this.#move(crowd, () => crowd.add(one))
  }

  remove(crowd: Crowd<T>, one: T): void {
    this.#move(crowd, () => crowd.remove(one))
    if (crowd.size === 0) this.#byNetwork.delete(crowd.network)
  }

  largest(): Crowd<T> | undefined {
    return firstOf(this.#bySize[this.#largestSize] ?? [])
  }

  #move(crowd: Crowd<T>, change: () => void): void {
    this.#bySize[crowd.size]?.delete(crowd)
    change()
    const { size } = crowd
    if (size > 0) (this.#bySize[size] ??= new Set()).add(crowd)
    this.#largestSize = Math.max(this.#largestSize, size)
    while (this.#largestSize > 0 && !this.#bySize[this.#largestSize]?.size) this.#largestSize--
  }
}

function firstOf<T>(ones: Iterable<T>): T | undefined {
  for (const one of ones) return one
  return undefined
}
