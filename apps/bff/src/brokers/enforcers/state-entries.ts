/**
 * The desired state as named texts. Both sides keep them, so that only changed ones travel, and both compute the same digest over
 * them, so that the enforcer notices when it has something else than the console.
 */
import { createHash } from 'node:crypto'

const noEntries = new Uint8Array(32)

export class StateEntries {
  readonly #values = new Map<string, string>()
  /** Replaced and never written to, so that copies may share it. */
  #digest: Uint8Array = noEntries

  get size(): number {
    return this.#values.size
  }

  /** The hashes of all entries, combined by XOR: a change costs the hash of one entry and not of all. TLS protects the entries. */
  get digest(): string {
    return Buffer.from(this.#digest).toString('hex')
  }

  keys(): Iterable<string> {
    return this.#values.keys()
  }

  entries(): Iterable<[string, string]> {
    return this.#values.entries()
  }

  get(key: string): string | undefined {
    return this.#values.get(key)
  }

  set(key: string, value: string): void {
    this.delete(key)
    this.#values.set(key, value)
    this.#combine(key, value)
  }

  delete(key: string): boolean {
    const value = this.#values.get(key)
    if (value === undefined) return false
    this.#values.delete(key)
    this.#combine(key, value)
    return true
  }

  copy(): StateEntries {
    const copy = new StateEntries()
    for (const [key, value] of this.#values) copy.#values.set(key, value)
    copy.#digest = this.#digest
    return copy
  }

  #combine(key: string, value: string): void {
    const hash = createHash('sha256')
      .update(`${Buffer.byteLength(key)} ${key}`)
      .update(value)
      .digest()
    this.#digest = this.#digest.map((byte, at) => byte ^ (hash[at] ?? 0))
  }
}
