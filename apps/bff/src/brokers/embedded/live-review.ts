/** Enforces changes: reviews live connections and stored sessions, in slices, so that messages flow meanwhile. */
import type { Engine } from '@gatehouse/mqtt/engine'
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import type { DecisionUser } from '../../access/decision/facts.ts'
import { mayKeepSession, type Review, type ReviewContext, review } from '../../access/decision/review.ts'
import { renewRights } from '../../access/decision/topics.ts'
import { describePresented } from '../../certificates/trust/presented-certificate.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Change } from '../../platform/changes/store.ts'
import type { Decisions } from '../decisions/recent.ts'
import type { ClientIdOwner, ClientIds } from './client-ids.ts'
import { closeConnection } from './close-connection.ts'
import { type Connection, endOf } from './connection.ts'
import type { Connections } from './connections.ts'
import type { Epoch } from './epoch.ts'
import type { ListenerChange } from './listener-set.ts'
import type { BrokerStore } from './store.ts'
import { contextFor, eachWithUser, inSlices } from './with-users.ts'

interface Parts {
  clock: Clock
  store: BrokerStore
  trust: Trust
  engine: Engine
  connections: Connections
  clientIds: ClientIds
  decisions: Decisions
  epoch: Epoch
}

export class LiveReview {
  readonly #parts: Parts
  #lastTurn: Promise<unknown> = Promise.resolve()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Enforces one change of the log. Returns the user of each connection that it closed. */
  async apply({ kind, ids }: Change): Promise<string[]> {
    if (kind === 'user') return ids ? this.#reviewUsers(ids) : this.reviewEverybody()
    if (kind === 'role') return ids ? this.#reviewUsers(await this.#holdersOf(ids)) : this.reviewEverybody()
    return this.reloadTrust()
  }

  /**
   * Judges the clients of changed listeners again. The connections of a closed listener end; their sessions stay, because
   * the clients may come back by another listener. Returns the user of each connection that it closed.
   */
  async applyListeners(changes: readonly ListenerChange[]): Promise<string[]> {
    if (changes.length === 0) return []
    this.#parts.epoch.rise()
    const closed: string[] = []
    for (const { id, rules } of changes) {
      const owners = this.#parts.clientIds.all().filter(({ holder }) => holder.credentials.listener.id === id)
      for (const { holder } of owners) {
        const { credentials } = holder
        holder.credentials = { ...credentials, listener: rules ?? { ...credentials.listener, trusted: null } }
      }
      closed.push(...(rules ? await this.#review(owners) : this.#closeAll(owners)))
    }
    return closed
  }

  #closeAll(owners: readonly ClientIdOwner[]): string[] {
    return owners.flatMap(({ live }) => {
      if (!live) return []
      closeConnection(this.#parts, live, { reason: 'listener_closed', keepsSession: true })
      return [live.userId]
    })
  }

  /** Reads the trust store again and reviews everybody. */
  async reloadTrust(): Promise<string[]> {
    await this.#parts.trust.reload()
    return this.reviewEverybody()
  }

  reviewEverybody(): Promise<string[]> {
    this.#parts.epoch.rise()
    return this.#review(this.#parts.clientIds.all())
  }

  #reviewUsers(userIds: readonly string[]): Promise<string[]> {
    this.#parts.epoch.rise()
    return this.#review(userIds.flatMap((userId) => this.#parts.clientIds.ofUser(userId)))
  }

  /** The users with a connection or a session that hold one of these roles. */
  async #holdersOf(roleIds: readonly string[]): Promise<string[]> {
    // Before the roles are read: a CONNECT that read its user before the change is judged again.
    this.#parts.epoch.rise()
    const { clientIds, store } = this.#parts
    const userIds = [...new Set(clientIds.all().map(({ userId }) => userId))]
    const found: string[] = []
    for (const slice of inSlices(userIds)) found.push(...(await store.holdersAmong(slice, roleIds)))
    return found
  }

  /** Reviews the users whose certificates or passwords have ended. */
  async endExpired(): Promise<void> {
    const { clock, connections, clientIds } = this.#parts
    const now = clock.now()
    const ended = [...connections.live()].filter(({ validUntil }) => validUntil && validUntil <= now)
    await this.#review(ended.flatMap(({ userId }) => clientIds.ofUser(userId)))
  }

  async #review(owners: readonly ClientIdOwner[]): Promise<string[]> {
    const closed: string[] = []
    const reviewOne = (owner: ClientIdOwner, user: DecisionUser | null) => {
      if (this.#reviewOne(owner, user)) closed.push(owner.userId)
    }
    for (const slice of inSlices(owners)) {
      await this.#inTurn(() => eachWithUser(this.#parts.store, slice, reviewOne))
    }
    return closed
  }

  /** One after the other from reading to applying: older facts must never overwrite newer ones. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(work)
    this.#lastTurn = turn.catch(() => {})
    return turn
  }

  /** Returns whether a connection was closed. */
  #reviewOne(owner: ClientIdOwner, user: DecisionUser | null): boolean {
    const { engine, clientIds } = this.#parts
    if (!clientIds.isCurrent(owner)) return false
    const { live, clientId } = owner
    const context = contextFor(this.#parts, user)
    const filters = engine.filtersOf(clientId)
    if (!live) {
      this.#reviewAway(owner, filters, context)
      return false
    }
    const reviewed = review(live, filters, context)
    if (reviewed.isKept) {
      update(live, { ...reviewed, user }, this.#parts.trust)
      return false
    }
    addRevocation(live, reviewed.verdict)
    closeConnection(this.#parts, live, reviewed)
    return true
  }

  #reviewAway({ clientId, holder }: ClientIdOwner, filters: readonly string[], context: ReviewContext): void {
    const { user } = context
    // The rights too: a will may still be published.
    if (user && mayKeepSession(holder, filters, context)) holder.rights = renewRights(holder.rights, user)
    else this.#parts.engine.dropSession(clientId)
  }
}

/** Applies new rights, and the path of certificates that counts now. */
function update(
  connection: Connection,
  { rights, method, verdict, user }: Extract<Review, { isKept: true }> & { user: DecisionUser | null },
  trust: Trust,
): void {
  connection.rights = rights
  connection.method = method
  if (user) connection.validUntil = endOf(connection.credentials, { method, user, verdict })
  if (!verdict?.trusted) return
  if (verdict.authority === connection.certificate?.authority) return
  connection.certificate = describePresented(connection.credentials.presented, verdict, trust)
}

/** The Decisions page links to the revocation. */
function addRevocation(connection: Connection, verdict: ChainVerdict | null): void {
  const { certificate } = connection
  if (!certificate || verdict?.trusted !== false) return
  connection.certificate = { ...certificate, revocation: verdict.revocation ?? null }
}
