/** What the parts of one engine share. */
import { Budget, TokenBucket } from './budget.ts'
import { Deadlines } from './deadlines.ts'
import type { DropReason, Events, MessageWatcher, Refusal } from './events.ts'
import { Journal } from './journal.ts'
import type { Limits, Rate, Share } from './limits.ts'
import type { Message } from './message.ts'
import type { Policy } from './policy.ts'
import { RetainedMessages } from './retained.ts'
import type { Session } from './session.ts'
import type { Store } from './store.ts'
import { SubscriptionTree } from './topics.ts'
import { noTraffic } from './traffic.ts'
import { Turns } from './turns.ts'

export interface CoreOptions {
  limits: Limits
  policy: Policy
  events: Events
  store: Store | undefined
  now: () => number
}

const everything = { count: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
/** Only the engine writes there: a fixed number of topics. */
const unbounded: Share = { perUser: everything, total: everything }

export class Core {
  readonly limits: Limits
  readonly policy: Policy
  readonly now: () => number
  readonly events: Events
  readonly turns = new Turns()
  readonly deadlines: Deadlines
  readonly journal: Journal
  readonly tree = new SubscriptionTree<Session>()
  readonly retained: RetainedMessages
  /** The `$SYS` topics. They are not stored, and count for no user. */
  readonly systemRetained: RetainedMessages
  readonly sessions = new Map<string, Session>()
  /** Bytes of all connections: of packets that are not complete or wait to be read, and of output that waits for the network. */
  readonly traffic = { incoming: 0, outgoing: 0 }
  /** What connections carried that have ended. */
  readonly endedTraffic = noTraffic()
  /** Since the start. */
  readonly counts = { sockets: 0, connects: 0, mostConnected: 0, expiredSessions: 0, dropped: 0 }
  /** Undefined while nobody watches: then a message costs nothing more. */
  watcher: MessageWatcher | undefined
  readonly #connectBuckets = new Map<string, TokenBucket>()
  readonly #publishBuckets = new Map<string, TokenBucket>()
  readonly budgets: Record<'connections' | 'sessions' | 'subscriptions' | 'queued' | 'wills', Budget>

  constructor({ limits, policy, events, store, now }: CoreOptions) {
    this.limits = limits
    this.policy = policy
    this.events = events
    this.now = now
    this.deadlines = new Deadlines(now(), (error) => events.failed?.(error))
    this.journal = new Journal(store, (error) => events.storeFailed?.(error))
    this.retained = new RetainedMessages({
      share: limits.retained,
      now,
      deadlines: this.deadlines,
      journal: this.journal,
      ended: (topic) => this.watcher?.retainedEnded(topic),
    })
    this.systemRetained = new RetainedMessages({
      share: unbounded,
      now,
      deadlines: this.deadlines,
      journal: new Journal(undefined, () => undefined),
      ended: () => undefined,
    })
    this.budgets = {
      connections: new Budget(limits.connections),
      sessions: new Budget(limits.sessions),
      subscriptions: new Budget(limits.subscriptions),
      queued: new Budget(limits.queued),
      wills: new Budget(limits.wills),
    }
  }

  /** The retained messages that match a filter, as `RetainedMessages.matching`. */
  *retainedMatching(filter: string): Generator<Message | undefined, void> {
    if (filter.startsWith('$SYS')) yield* this.systemRetained.matching(filter)
    yield* this.retained.matching(filter)
  }

  /** The token bucket for the CONNECTs of a user. */
  connectBucket(user: string): TokenBucket {
    return this.#bucket(this.#connectBuckets, user, this.limits.connectRate)
  }

  /** The token bucket for the messages of a user; undefined without a bound. */
  publishBucket(user: string): TokenBucket | undefined {
    const rate = this.limits.userPublishRate
    return rate.burst === Number.POSITIVE_INFINITY ? undefined : this.#bucket(this.#publishBuckets, user, rate)
  }

  /** Forgets the buckets that are full again, so that they do not pile up. */
  forgetFullBuckets(): void {
    const now = this.now()
    for (const buckets of [this.#connectBuckets, this.#publishBuckets]) {
      for (const [user, bucket] of buckets) if (bucket.isFull(now)) buckets.delete(user)
    }
  }

  #bucket(buckets: Map<string, TokenBucket>, user: string, rate: Rate): TokenBucket {
    let bucket = buckets.get(user)
    if (!bucket) buckets.set(user, (bucket = new TokenBucket(rate, this.now())))
    return bucket
  }

  refused(refusal: Refusal): void {
    this.events.refused?.(refusal)
  }

  dropped(session: Session, topic: string, reason: DropReason): void {
    this.counts.dropped++
    this.events.dropped?.(session.client, topic, reason)
  }
}
