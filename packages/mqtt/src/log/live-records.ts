/** Where the valid version of each record stands in the log. */
import { ChurnMap } from '../churn-map.ts'
import type { RecordKind } from '../store.ts'
import { kinds } from './records.ts'

/** A place in the log, counted in bytes over all segments. */
export interface Place {
  at: number
  bytes: number
}

export class LiveRecords {
  /** One map for each kind. Their order is that of the places, because a record that is written again goes to the end. */
  readonly #places = new Map(kinds.map((kind) => [kind, new ChurnMap<string, Place>()]))
  #bytes = 0

  /** The bytes of all valid records. */
  get bytes(): number {
    return this.#bytes
  }

  /** The record was written at a place behind all others. */
  put(kind: RecordKind, key: string, place: Place): void {
    this.delete(kind, key)
    this.#places.get(kind)!.set(key, place)
    this.#bytes += place.bytes
  }

  delete(kind: RecordKind, key: string): void {
    const places = this.#places.get(kind)!
    const place = places.get(key)
    if (!place) return
    places.delete(key)
    this.#bytes -= place.bytes
  }

  isAt(kind: RecordKind, key: string, at: number): boolean {
    return this.#places.get(kind)!.get(key)?.at === at
  }

  /** The place of the first valid record in the log; undefined if there is none. */
  get first(): Place | undefined {
    let first: Place | undefined
    for (const places of this.#places.values()) {
      const place = places.first
      if (place && (!first || place.at < first.at)) first = place
    }
    return first
  }

  /** The valid records that end before a place, in the order of their kinds. */
  *before(end: number): Generator<{ kind: RecordKind; key: string; place: Place }, void> {
    for (const [kind, places] of this.#places) {
      for (const [key, place] of places) {
        if (place.at + place.bytes > end) break
        yield { kind, key, place }
      }
    }
  }
}
