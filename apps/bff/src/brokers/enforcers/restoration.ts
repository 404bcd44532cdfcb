/** A request to the enforcer to undo what others changed on its broker. One at a time: later callers wait for the same. */
export class Restoration {
  #number = 0
  #isSent = false
  #pending: PromiseWithResolvers<boolean> | null = null

  /** Not sent yet. */
  get isDue(): boolean {
    return this.#pending !== null && !this.#isSent
  }

  request(): Promise<boolean> {
    if (!this.#pending) this.#number++
    this.#pending ??= Promise.withResolvers()
    this.#isSent = false
    return this.#pending.promise
  }

  /** For the next answer. It is sent once: if the answer is lost, so is the connection. */
  next(): { restore?: number } {
    if (!this.isDue) return {}
    this.#isSent = true
    return { restore: this.#number }
  }

  reported(restored: number | undefined): void {
    if (restored === this.#number) this.#end(true)
  }

  /** The connection has ended. */
  cancel(): void {
    this.#end(false)
  }

  #end(isDone: boolean): void {
    this.#pending?.resolve(isDone)
    this.#pending = null
  }
}
