/** Passwords on their way to an enforcer. They are in memory only, and only while the enforcer is connected. */
import type { SentPassword } from '@gatehouse/contract/brokers/enforcer-protocol'

/** A storm of sign-ins must not fill the memory. A user who is left out is asked for at the next sign-in. */
const mostWaiting = 1_000
const atOnce = 100

export class PasswordOutbox {
  readonly #waiting = new Map<number, SentPassword>()
  #lastId = 0

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /** A later password of the same user replaces one that was not sent yet. */
  add(password: Omit<SentPassword, 'id'>): void {
    for (const [id, { username }] of this.#waiting) if (username === password.username) this.#waiting.delete(id)
    if (this.#waiting.size >= mostWaiting) return
    const id = ++this.#lastId
    this.#waiting.set(id, { id, ...password })
  }

  next(): SentPassword[] {
    return [...this.#waiting.values()].slice(0, atOnce)
  }

  /** The enforcer says that the broker has these. */
  delivered(ids: readonly number[]): void {
    for (const id of ids) this.#waiting.delete(id)
  }

  clear(): void {
    this.#waiting.clear()
  }
}
