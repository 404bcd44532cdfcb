/**
 * A map whose entries come and go all the time, in the order of their insertion. It exists for the garbage collector: V8 links an
 * outgrown table of a `Map` to the table that replaced it. One such table in the old generation keeps all later tables and their
 * values until the next full collection; with messages in flight most of the new generation survived, and a scavenge took 10 to
 * 100 ms. So the map is copied from time to time, which ends the chain.
 *
 * An iterator may still show entries that were deleted after its creation.
 */
export class ChurnMap<Key, Value> {
  /** Undefined while it is empty: most sessions have no message on its way, and there are many. */
  #map: Map<Key, Value> | undefined
  #deletions = 0

  get size(): number {
    return this.#map?.size ?? 0
  }

  get(key: Key): Value | undefined {
    return this.#map?.get(key)
  }

  has(key: Key): boolean {
    return this.#map?.has(key) ?? false
  }

  set(key: Key, value: Value): void {
    this.#map ??= new Map()
    this.#map.set(key, value)
  }

  delete(key: Key): void {
    if (!this.#map?.delete(key)) return
    this.#deletions++
    if (this.#deletions < 512 + 4 * this.#map.size) return
    this.#map = new Map(this.#map)
    this.#deletions = 0
  }

  clear(): void {
    this.#map = undefined
    this.#deletions = 0
  }

  /** The first value in the order of insertion. */
  get first(): Value | undefined {
    return this.#map?.values().next().value
  }

  values(): MapIterator<Value> {
    return (this.#map ?? new Map<Key, Value>()).values()
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return (this.#map ?? new Map<Key, Value>())[Symbol.iterator]()
  }
}
