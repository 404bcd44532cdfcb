/** Counts what users keep on the server, against the bounds of `limits.ts`. */
import type { Bound, Rate, Share } from './limits.ts'

const nothing: Bound = { count: 0, bytes: 0 }

/** One kind of thing (retained messages, sessions, …), counted per user and in all. */
export class Budget {
  readonly #share: Share
  readonly #users = new Map<string, Bound>()
  readonly #total: Bound = { count: 0, bytes: 0 }

  constructor(share: Share) {
    this.#share = share
  }

  /** Takes room for one thing of that weight, or returns false and takes nothing. */
  take(user: string, bytes: number): boolean {
    if (!this.hasRoom(user, bytes)) return false
    this.#add(user, 1, bytes)
    return true
  }

  hasRoom(user: string, bytes: number): boolean {
    const used = this.#users.get(user) ?? nothing
    return fits(used, bytes, this.#share.perUser) && fits(this.#total, bytes, this.#share.total)
  }

  /** Counts a thing that exists already, above the bounds too. Used when the stored state is loaded. */
  takeAnyway(user: string, bytes: number): void {
    this.#add(user, 1, bytes)
  }

  give(user: string, bytes: number): void {
    this.#add(user, -1, -bytes)
  }

  get total(): Readonly<Bound> {
    return this.#total
  }

  #add(user: string, count: number, bytes: number): void {
    const used = this.#users.get(user) ?? { count: 0, bytes: 0 }
    used.count += count
    used.bytes += bytes
    if (used.count > 0) this.#users.set(user, used)
    else this.#users.delete(user)
    this.#total.count += count
    this.#total.bytes += bytes
  }
}

export function fits(used: Bound, bytes: number, bound: Bound): boolean {
  return used.count < bound.count && used.bytes + bytes <= bound.bytes
}

/** A token bucket. It starts full. */
export class TokenBucket {
  readonly #rate: Rate
  #tokens: number
  #filledAt: number

  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#filledAt = now
  }

  /** Takes one token if there is one. */
  take(now: number): boolean {
    this.#fill(now)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Takes one token in any case. @returns the milliseconds to wait before the next one, 0 if there is one. */
  spend(now: number): number {
    this.#fill(now)
    this.#tokens -= 1
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#rate.perSecond)
  }

  isFull(now: number): boolean {
    this.#fill(now)
    return this.#tokens === this.#rate.burst
  }

  #fill(now: number): void {
    const { perSecond, burst } = this.#rate
    if (burst === Number.POSITIVE_INFINITY) return
    // A clock that was set back fills nothing.
    const elapsed = Math.max(0, now - this.#filledAt)
    this.#tokens = Math.min(burst, this.#tokens + (elapsed * perSecond) / 1000)
    this.#filledAt = now
  }
}
