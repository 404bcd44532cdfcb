/** Carries changes to those who are connected or have left a session: in slices, so that messages flow meanwhile. */
import type { RefusalReason } from '@gatehouse/contract/broker'
import { makeBreather } from '@gatehouse/pki/slices'
import type { Clock } from '../base/clock.ts'
import type { Decisions } from '../broker/decisions.ts'
import type { AuthorityChange, AuthorityImpact, UserFacts } from '../broker/port.ts'
import type { Connection, Connections, Holder } from '../broker-admission/connections.ts'
import { mayKeepSession, reviewConnection, type World } from '../broker-admission/review.ts'
import type { BrokerStore } from '../broker-admission/store.ts'
import type { Trust } from '../broker-admission/trust.ts'
import type { StoredSessions } from '../broker-sessions/stored-sessions.ts'
import { dropWill, filtersOf } from './aedes-inside.ts'

const maxNames = 100

interface Parts {
  clock: Clock
  store: BrokerStore
  trust: Trust
  sessions: StoredSessions
  connections: Connections
  decisions: Decisions
}

export class LiveChanges {
  readonly #parts: Parts
  #underWay = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Is somebody waiting for the number that a change closes? */
  get isUnderWay(): boolean {
    return this.#underWay > 0
  }

  /** Answers how many connections it closed. */
  recheck(userIds: readonly string[]): Promise<number> {
    return this.#review(userIds.flatMap((userId) => this.#parts.connections.holdersOf(userId)))
  }

  recheckAll(): Promise<number> {
    return this.#review(this.#parts.connections.holders())
  }

  async retrust(): Promise<number> {
    this.#underWay++
    try {
      await this.#parts.trust.reload()
      return await this.recheckAll()
    } finally {
      this.#underWay--
    }
  }

  /** Closes those whose certificates have ended. */
  async endExpired(): Promise<void> {
    const now = this.#parts.clock.now()
    const ended = [...this.#parts.connections.live()].filter(({ validUntil }) => validUntil && validUntil <= now)
    await this.#review(ended.flatMap(({ userId }) => this.#parts.connections.holdersOf(userId)))
  }

  /** How many connections of a user would close if the user were like this; null: deleted. */
  impactOnUser(userId: string, facts: UserFacts | null): number {
    const credential = this.#parts.store.findUserById(userId)?.credential ?? null
    const world = { ...this.#world(), findUser: () => (facts ? { ...facts, credential } : null) }
    return this.#parts.connections.liveOf(userId).filter((each) => !this.#isKept(each, world)).length
  }

  async impactOnAuthority(fingerprint: string, change: AuthorityChange): Promise<AuthorityImpact> {
    const world = { ...this.#world(), judge: await this.#parts.trust.imagine(fingerprint, change) }
    const breathe = makeBreather()
    const names = new Set<string>()
    let connections = 0
    for (const connection of this.#parts.connections.live()) {
      if (connection.certificate !== null && !this.#isKept(connection, world)) {
        names.add(connection.username)
        connections++
      }
      await breathe()
    }
    return { connections, usernames: [...names].slice(0, maxNames), userCount: names.size }
  }

  close(connection: Connection, reason: RefusalReason): void {
    const { client, userId, username, clientId, listener, address, method, certificate } = connection
    if (client.closed) return
    dropWill(client)
    client.close()
    const outcome = 'closed' as const
    this.#parts.decisions.record({
      outcome,
      reason,
      listener,
      address,
      userId,
      username,
      clientId,
      method,
      certificate,
    })
  }

  async #review(holders: readonly Holder[]): Promise<number> {
    const breathe = makeBreather()
    let closed = 0
    this.#underWay++
    try {
      for (const holder of holders) {
        // Read and applied in one step: an older reading must never overwrite a newer one.
        if (this.#reviewOne(holder)) closed++
        await breathe()
      }
      return closed
    } finally {
      this.#underWay--
    }
  }

  /** Answers whether a connection was closed. */
  #reviewOne(holder: Holder): boolean {
    const { live } = holder
    const world = this.#world()
    if (!live) {
      const filters = this.#parts.sessions.filtersOf(holder.clientId)
      if (!mayKeepSession(holder, filters, world)) this.#parts.connections.drop(holder)
      return false
    }
    if (live.client.closed) return false
    const review = reviewConnection(live, this.#filtersOf(live), world)
    if (!review.isKept) {
      // The session first: what closing sets off finds nothing to write into.
      if (!review.keepsSession) this.#parts.connections.drop(holder)
      this.close(live, review.reason)
      return true
    }
    live.access = review.access
    live.method = review.method
    if (review.verdict?.trusted && review.verdict.authority !== live.certificate?.authority) {
      live.certificate = this.#parts.trust.describe(live.shown.presented, review.verdict)
    }
    if (review.verdict?.trusted) live.validUntil = review.verdict.validUntil
    return false
  }

  #isKept(connection: Connection, world: World): boolean {
    return connection.client.closed || reviewConnection(connection, this.#filtersOf(connection), world).isKept
  }

  #filtersOf({ client, clientId }: Connection): string[] {
    return [...new Set([...filtersOf(client), ...this.#parts.sessions.filtersOf(clientId)])]
  }

  #world(): World {
    const { store, trust, clock } = this.#parts
    return { findUser: (userId) => store.findUserById(userId), judge: trust.judge, now: clock.now() }
  }
}
