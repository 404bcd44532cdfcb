/** The connections to all enforcers of this process, by broker. */
import type { Clock } from '../../platform/base/clock.ts'
import { EnforcerConnection } from './connection.ts'

export class EnforcerHub {
  readonly #clock: Clock
  #authorities: readonly string[] = []
  readonly #connections = new Map<string, EnforcerConnection>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Opened by the adapter of the broker, which says what the broker should have. */
  open(brokerId: string): EnforcerConnection {
    const connection = new EnforcerConnection(this.#clock)
    this.#connections.set(brokerId, connection)
    return connection
  }

  /** Undefined: this broker has no adapter. */
  find(brokerId: string): EnforcerConnection | undefined {
    return this.#connections.get(brokerId)
  }

  /** Its certificate is no longer accepted. */
  disconnect(brokerId: string): void {
    this.#connections.get(brokerId)?.disconnect()
  }

  /** PEM: the CAs whose certificates the listener of this process accepts, the newest last. Empty: it is not open. */
  get authorities(): readonly string[] {
    return this.#authorities
  }

  /** Called after the listener accepts them: an enforcer requests a certificate of a CA as soon as an answer names it, and uses it. */
  trust(authorities: readonly string[]): void {
    this.#authorities = authorities
    for (const connection of this.#connections.values()) connection.answerNow()
  }

  close(brokerId: string, connection: EnforcerConnection): void {
    connection.disconnect()
    if (this.#connections.get(brokerId) === connection) this.#connections.delete(brokerId)
  }

  closeAll(): void {
    for (const [brokerId, connection] of this.#connections) this.close(brokerId, connection)
  }
}
