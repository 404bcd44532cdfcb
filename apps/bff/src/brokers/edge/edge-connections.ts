/** The live connections of the edge. They are judged again after each change, like those of MQTT. */
import type { DecisionUser } from '../../access/decision/facts.ts'
import { type Review, review } from '../../access/decision/review.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Change } from '../../platform/changes/store.ts'
import type { Decisions } from '../decisions/recent.ts'
import { factsOf } from '../embedded/close-connection.ts'
import { type Connection, endOf } from '../embedded/connection.ts'
import type { ListenerChange } from '../embedded/listener-set.ts'
import type { BrokerStore } from '../embedded/store.ts'
import { contextFor, eachWithUser, inSlices } from '../embedded/with-users.ts'
import type { EdgeConnection } from './edge-connection.ts'

interface Parts {
  clock: Clock
  store: Pick<BrokerStore, 'findUsersById'>
  trust: Trust
  decisions: Decisions
}

export class EdgeConnections {
  readonly #parts: Parts
  readonly #byUser = new Map<string, Set<EdgeConnection>>()
  #lastTurn: Promise<unknown> = Promise.resolve()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  add(device: EdgeConnection): void {
    const { userId } = device.connection
    this.#byUser.set(userId, (this.#byUser.get(userId) ?? new Set()).add(device))
  }

  delete(device: EdgeConnection): void {
    const { userId } = device.connection
    const others = this.#byUser.get(userId)
    others?.delete(device)
    if (others?.size === 0) this.#byUser.delete(userId)
  }

  ofUser(userId: string): EdgeConnection[] {
    return [...(this.#byUser.get(userId) ?? [])]
  }

  has(connection: Connection): boolean {
    return this.ofUser(connection.userId).some((device) => device.connection === connection)
  }

  all(): EdgeConnection[] {
    return [...this.#byUser.values()].flatMap((devices) => [...devices])
  }

  byId(connectionId: string): EdgeConnection | undefined {
    return this.all().find(({ connection }) => connection.id === connectionId)
  }

  /** For a person who ends this connection. The device may connect again. */
  close(device: EdgeConnection): void {
    this.#end(device, 'closed_by_admin')
  }

  endAll(): void {
    for (const device of this.all()) device.end()
  }

  /** Ends all connections of a user who goes beyond the bounds of the edge. Those that stayed could each do as much work once more. */
  endQuotaExceeded(userId: string): void {
    for (const device of this.ofUser(userId)) this.#end(device, 'quota_exceeded')
  }

  /** Enforces a change, after the trust store was read again. Returns the user of each connection that ended. */
  apply({ kind, ids }: Change): Promise<string[]> {
    return this.#review(kind === 'user' && ids ? ids.flatMap((id) => this.ofUser(id)) : this.all())
  }

  async applyListeners(changes: readonly ListenerChange[]): Promise<string[]> {
    const closed: string[] = []
    for (const { id, rules } of changes) {
      const concerned = this.all().filter(({ connection }) => connection.credentials.listener.id === id)
      for (const { connection } of concerned) {
        if (rules) connection.credentials = { ...connection.credentials, listener: rules }
      }
      if (rules) closed.push(...(await this.#review(concerned)))
      else for (const device of concerned) closed.push(this.#end(device, 'listener_closed'))
    }
    return closed
  }

  async endExpired(): Promise<void> {
    const now = this.#parts.clock.now()
    const isOver = ({ connection: { validUntil } }: EdgeConnection) => validUntil !== null && validUntil <= now
    await this.#review(this.all().filter(isOver))
  }

  async #review(devices: readonly EdgeConnection[]): Promise<string[]> {
    const closed: string[] = []
    const reviewOne = (device: EdgeConnection, user: DecisionUser | null) => {
      const reviewed = review(device.connection, [], contextFor(this.#parts, user))
      if (!reviewed.isKept) closed.push(this.#end(device, reviewed.reason))
      else if (user) keep(device, { ...reviewed, user })
    }
    for (const slice of inSlices(devices)) {
      // One after the other from reading to applying: older facts must never overwrite newer ones.
      const turn = this.#lastTurn.then(() => eachWithUser(this.#parts.store, slice, reviewOne))
      this.#lastTurn = turn.catch(() => {})
      await turn
    }
    return closed
  }

  #end(device: EdgeConnection, reason: Parameters<Decisions['record']>[0]['reason']): string {
    // At once: another change may come before the socket has closed.
    this.delete(device)
    device.end()
    this.#parts.decisions.record({ outcome: 'closed', reason, ...factsOf(device.connection) })
    return device.connection.userId
  }
}

/** Applies the rights of the user, and the end of the path of certificates that counts now. */
function keep(
  device: EdgeConnection,
  { user, method, verdict }: Extract<Review, { isKept: true }> & { user: DecisionUser },
): void {
  device.use(user)
  const { connection } = device
  connection.validUntil = endOf(connection.credentials, { method, user, verdict })
}
