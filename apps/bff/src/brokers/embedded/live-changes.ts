/** Carries changes to those who are connected or have left a session: in slices, so that messages flow meanwhile. */
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import { type ChainVerdict, trustedPaths } from '@gatehouse/pki/judge/chain'
import { createYielder } from '@gatehouse/pki/read/slices'
import type { UserFacts } from '../../access/decision/facts.ts'
import type { TrustChange, TrustImpact, VouchingChange, VouchingExamples } from '../../certificates/trust/changes.ts'
import type { Judge, Trust } from '../../certificates/trust/trust.ts'
import type { StoredUser } from '../../certificates/trust/user-facts-store.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Change } from '../../platform/changes/store.ts'
import type { Decisions } from '../decisions/recent.ts'
import { dropWill, filtersOf } from './aedes-inside.ts'
import type { Connection, Connections, Holder } from './connections.ts'
import { mayKeepSession, reviewConnection, type World } from '../../access/decision/review.ts'
import type { BrokerStore } from './store.ts'
import type { StoredSessions } from './stored-sessions.ts'

const maxNames = 100
const readAtOnce = 50

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
  #lastTurn: Promise<unknown> = Promise.resolve()
  /** Rises with each change: facts that a CONNECT read before may be old. */
  count = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Enforces one change of the log. Returns the user of each connection that it closed. */
  async apply({ kind, ids }: Change): Promise<string[]> {
    if (kind === 'user') return ids ? this.#judgeUsers(ids) : this.judgeEverybody()
    if (kind === 'role') return ids ? this.#judgeUsers(await this.#holdersOf(ids)) : this.judgeEverybody()
    return this.reloadTrust()
  }

  /** Reads the trust store again and judges everybody. */
  async reloadTrust(): Promise<string[]> {
    await this.#parts.trust.reload()
    return this.judgeEverybody()
  }

  judgeEverybody(): Promise<string[]> {
    this.count++
    return this.#review(this.#parts.connections.holders())
  }

  #judgeUsers(userIds: readonly string[]): Promise<string[]> {
    this.count++
    return this.#review(userIds.flatMap((userId) => this.#parts.connections.holdersOf(userId)))
  }

  /** The users with a connection or a session that hold one of these roles. */
  async #holdersOf(roleIds: readonly string[]): Promise<string[]> {
    // Before the roles are read: a CONNECT that read its user before the change is judged again.
    this.count++
    const userIds = [...new Set(this.#parts.connections.holders().map(({ userId }) => userId))]
    const found: string[] = []
    for (const some of inSlices(userIds)) found.push(...(await this.#parts.store.holdersAmong(some, roleIds)))
    return found
  }

  /** Closes those whose certificates have ended. */
  async endExpired(): Promise<void> {
    const now = this.#parts.clock.now()
    const ended = [...this.#parts.connections.live()].filter(({ validUntil }) => validUntil && validUntil <= now)
    await this.#review(ended.flatMap(({ userId }) => this.#parts.connections.holdersOf(userId)))
  }

  /** How many connections of a user would close if the user were like this; null: deleted. */
  async impactOnUser(userId: string, facts: UserFacts | null): Promise<number> {
    const stored = (await this.#parts.store.findUsersById([userId])).get(userId)
    const { credential = null, confirmations = [] } = stored ?? {}
    const world = this.#world(facts && { ...facts, credential, confirmations })
    return this.#parts.connections.liveOf(userId).filter((each) => !this.#isKept(each, world)).length
  }

  async impactOnTrust(change: TrustChange): Promise<TrustImpact> {
    const { connections, trust } = this.#parts
    const judge = await trust.imagine(change)
    const relying = [...connections.live()].filter(({ certificate }) => certificate !== null)
    const names = new Set<string>()
    let count = 0
    const imagine = (connection: Connection, user: StoredUser | null) => {
      if (this.#isKept(connection, { ...this.#world(user), judge })) return
      names.add(connection.username)
      count++
    }
    for (const some of inSlices(relying)) await this.#eachWithUser(some, imagine)
    return { connections: count, usernames: [...names].slice(0, maxNames), userCount: names.size }
  }

  async vouchingAfter({
    examples,
    ...change
  }: TrustChange & { examples: VouchingExamples }): Promise<VouchingChange[]> {
    const { trust, clock } = this.#parts
    const judge = await trust.imagine(change)
    const yieldIfDue = createYielder()
    const answers: VouchingChange[] = []
    for (const presented of examples) {
      const now = clock.now()
      answers.push({ before: firstTrusted(presented, trust.judge, now), after: firstTrusted(presented, judge, now) })
      await yieldIfDue()
    }
    return answers
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

  async #review(holders: readonly Holder[]): Promise<string[]> {
    const closed: string[] = []
    const review = (holder: Holder, user: StoredUser | null) => {
      if (this.#reviewOne(holder, user)) closed.push(holder.userId)
    }
    for (const some of inSlices(holders)) await this.#inTurn(() => this.#eachWithUser(some, review))
    return closed
  }

  /** From reading to applying one after the other: an older reading must never overwrite a newer one. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(work)
    this.#lastTurn = turn.catch(() => {})
    return turn
  }

  async #eachWithUser<T extends { userId: string }>(
    some: readonly T[],
    work: (one: T, user: StoredUser | null) => void,
  ): Promise<void> {
    const yieldIfDue = createYielder()
    const users = await this.#parts.store.findUsersById([...new Set(some.map(({ userId }) => userId))])
    for (const one of some) {
      work(one, users.get(one.userId) ?? null)
      await yieldIfDue()
    }
  }

  /** Answers whether a connection was closed. */
  #reviewOne(holder: Holder, user: StoredUser | null): boolean {
    const { live } = holder
    const world = this.#world(user)
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
      noteRevocation(live, review.verdict)
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

  #world(user: StoredUser | null): World {
    const { trust, clock } = this.#parts
    return { user, judge: trust.judge, ceilings: trust.ceilings, now: clock.now() }
  }
}

function firstTrusted(examples: readonly (readonly Uint8Array[])[], judge: Judge, now: Date): VouchingChange['after'] {
  const verdict = examples.map((presented) => judge(presented, now)).find(({ trusted }) => trusted)
  return verdict?.trusted ? trustedPaths(verdict).map(({ authority, limits }) => ({ authority, limits })) : []
}

/** For the line on the Decisions page, which leads there. */
function noteRevocation(connection: Connection, verdict: ChainVerdict | null): void {
  const { certificate } = connection
  if (!certificate || verdict?.trusted !== false) return
  connection.certificate = { ...certificate, revocation: verdict.revocation ?? null }
}

/** Slices of this size are read at once, and between two of them whoever changed a single user comes in. */
function inSlices<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / readAtOnce) }, (_, at) =>
    all.slice(at * readAtOnce, (at + 1) * readAtOnce),
  )
}
