/** Groups connections by network, and finds the network with the most connections without a search. */

/** The connections of one network. */
export class NetworkGroup<T> {
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

  /** Moves a connection behind those that were served earlier. */
  served(one: T): void {
    this.remove(one)
    this.#served.add(one)
  }

  /**
   * The connection to drop first: the oldest that has sent nothing, else that has no request, else with the oldest
   * request.
   */
  nextToDrop(): T | undefined {
    for (const one of this.#silent) {
      if (!this.#hasSent(one)) return one
      // No event tells that bytes have arrived; it is checked here, once for each connection.
      this.#silent.delete(one)
      this.#sending.add(one)
    }
    return firstOf(this.#sending) ?? firstOf(this.#served)
  }
}

export class ConnectionsByNetwork<T> {
  readonly #hasSent: (one: T) => boolean
  readonly #byNetwork = new Map<string, NetworkGroup<T>>()
  /**
   * At index n: the networks with n connections. Each change moves a network by one index, so finding the largest needs
   * no search.
   */
  readonly #bySize: Set<NetworkGroup<T>>[] = []
  #largestSize = 0

  constructor(hasSent: (one: T) => boolean) {
    this.#hasSent = hasSent
  }

  /** The group of this network. A new group is stored when it gets its first connection. */
  groupOf(network: string): NetworkGroup<T> {
    return this.#byNetwork.get(network) ?? new NetworkGroup(network, this.#hasSent)
  }

  add(group: NetworkGroup<T>, one: T): void {
    this.#byNetwork.set(group.network, group)
    this.#move(group, () => group.add(one))
  }

  remove(group: NetworkGroup<T>, one: T): void {
    this.#move(group, () => group.remove(one))
    if (group.size === 0) this.#byNetwork.delete(group.network)
  }

  largest(): NetworkGroup<T> | undefined {
    return firstOf(this.#bySize[this.#largestSize] ?? [])
  }

  #move(group: NetworkGroup<T>, change: () => void): void {
    this.#bySize[group.size]?.delete(group)
    change()
    const { size } = group
    if (size > 0) (this.#bySize[size] ??= new Set()).add(group)
    this.#largestSize = Math.max(this.#largestSize, size)
    while (this.#largestSize > 0 && !this.#bySize[this.#largestSize]?.size) this.#largestSize--
  }
}

function firstOf<T>(ones: Iterable<T>): T | undefined {
  for (const one of ones) return one
  return undefined
}
