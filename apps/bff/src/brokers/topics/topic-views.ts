/**
 * The live views of the console, in the broker's thread. The main thread opens a view, asks it for what has changed, and closes it. It
 * asks when the reader has taken the last answer, so a slow reader costs the broker nothing.
 */
import { matches } from '@gatehouse/contract/access/topic'
import {
  keptPayloadBytes,
  maxViewsPerUser,
  maxWatchedTopics,
  type TopicEvent,
  type TopicMessage,
  type WatchedTopic,
} from '@gatehouse/contract/brokers/topics'
import type { Engine } from '@gatehouse/mqtt/engine'
import type { RetainedContent } from '@gatehouse/mqtt/events'
import { createYielder } from '@gatehouse/pki/read/yielder'
import {
  compileRights,
  judgeDelivery,
  judgeSubscribe,
  renewRights,
  type TopicPermissions,
  type TopicRights,
} from '../../access/decision/topics.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { previewOf, type TopicState, type Viewer, WatchedTopics } from './watched-topics.ts'

/** Of all users. */
const mostViews = 50
/** Retained messages that a view begins with. The other topics are left for what is published. */
const mostRetained = maxWatchedTopics / 2
/** One event has at most so much, estimated. The rest comes with the next. */
const eventBytes = 32_768
/** A view that was not asked for so long is closed. */
const abandonedAfterMs = 30_000

export interface ViewRequest {
  userId: string
  filter: string
  rights: TopicPermissions
}

export type OpenedView = { viewId: number } | { refused: 'not_permitted' | 'too_many_views' }
export type ViewChanges = TopicEvent | { refused: 'not_permitted' | 'not_found' }

class View implements Viewer {
  readonly userId: string
  readonly filter: string
  rights: TopicRights
  askedAt: number
  hasMoreRetained = false
  readonly states: TopicState[] = []
  /** The version of each topic that was sent. */
  readonly #sent: number[] = []
  #next = 0

  constructor({ userId, filter, rights }: ViewRequest, now: number) {
    this.userId = userId
    this.filter = filter
    this.rights = compileRights(rights)
    this.askedAt = now
  }

  get isFull(): boolean {
    return this.states.length >= maxWatchedTopics
  }

  get isMore(): boolean {
    return this.isFull || this.hasMoreRetained
  }

  offer(state: TopicState): boolean {
    if (this.isFull || !matches(this.filter, state.topic) || !judgeDelivery(this.rights, state.topic)) return false
    this.states.push(state)
    this.#sent.push(-1)
    return true
  }

  /** The topics that have changed since they were sent, in turn, so that none waits for ever. */
  take(): WatchedTopic[] {
    const taken: WatchedTopic[] = []
    let bytes = 0
    for (let looked = 0; looked < this.states.length && bytes < eventBytes; looked++) {
      const at = this.#next++ % this.states.length
      const state = this.states[at]!
      if (this.#sent[at] === state.version) continue
      this.#sent[at] = state.version
      const shown = toWatched(state)
      taken.push(shown)
      bytes += 150 + shown.topic.length + (shown.preview?.length ?? 0)
    }
    this.#next %= Math.max(1, this.states.length)
    return taken
  }
}

export class TopicViews {
  readonly #engine: Engine
  readonly #clock: Clock
  readonly #report: (error: unknown) => void
  readonly #topics = new WatchedTopics()
  readonly #views = new Map<number, View>()
  #lastId = 0

  constructor({ engine, clock, report }: { engine: Engine; clock: Clock; report(error: unknown): void }) {
    this.#engine = engine
    this.#clock = clock
    this.#report = report
  }

  open(request: ViewRequest): OpenedView {
    const now = this.#now()
    this.#closeAbandoned(now)
    const ofUser = [...this.#views.values()].filter(({ userId }) => userId === request.userId).length
    if (this.#views.size >= mostViews || ofUser >= maxViewsPerUser) return { refused: 'too_many_views' }
    const view = new View(request, now)
    if (!judgeSubscribe(view.rights, view.filter)) return { refused: 'not_permitted' }
    const viewId = ++this.#lastId
    this.#views.set(viewId, view)
    this.#topics.add(view)
    this.#engine.watch(this.#topics)
    // Not awaited: there may be many.
    this.#addRetained(viewId, view).catch(this.#report)
    return { viewId }
  }

  /** @param rights the rights that hold now; null if they have not changed since the last call. */
  changes(viewId: number, rights: TopicPermissions | null): ViewChanges {
    const view = this.#views.get(viewId)
    if (!view) return { refused: 'not_found' }
    if (rights) view.rights = renewRights(view.rights, rights)
    if (!judgeSubscribe(view.rights, view.filter)) {
      this.close(viewId)
      return { refused: 'not_permitted' }
    }
    view.askedAt = this.#now()
    return { at: new Date(view.askedAt).toISOString(), topics: view.take(), isMore: view.isMore }
  }

  close(viewId: number): void {
    const view = this.#views.get(viewId)
    if (!view) return
    this.#views.delete(viewId)
    this.#topics.remove(view, view.states)
    if (this.#views.size === 0) this.#engine.watch(undefined)
  }

  /** The last message of a topic. The caller has judged who may read it. */
  message(topic: string, { isWhole }: { isWhole: boolean }): TopicMessage | null {
    const retained = this.#engine.readableOn(topic)
    const seen = this.#topics.find(topic)
    const at = seen && seen.at > 0 ? new Date(seen.at).toISOString() : null
    if (isWhole || !seen) return retained ? toMessage(retained, { isWhole, at }) : null
    const { bytes, kept, sample, qos } = seen
    const payload = { base64: sample.toString('base64', 0, kept), bytes }
    return { topic, payload, retained: retained !== undefined, qos, at }
  }

  get used(): { views: number; topics: number; bytes: number } {
    return { views: this.#views.size, ...this.#topics.used }
  }

  async #addRetained(viewId: number, view: View): Promise<void> {
    const yieldIfDue = createYielder()
    let added = 0
    for (const message of this.#engine.readable(view.filter)) {
      if (!this.#views.has(viewId)) return
      if (message && added === mostRetained) {
        view.hasMoreRetained = true
        return
      }
      if (message) {
        this.#topics.retained({ ...message, retain: true })
        added++
      }
      await yieldIfDue()
    }
  }

  /** The main thread closes each view. This is for a call that was lost. */
  #closeAbandoned(now: number): void {
    for (const [id, { askedAt }] of this.#views) if (now - askedAt > abandonedAfterMs) this.close(id)
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}

function toWatched(state: TopicState): WatchedTopic {
  const { topic, messages, bytes, isRetained: retained, at } = state
  const preview = previewOf(state)
  return { topic, messages, bytes, retained, preview, at: at === 0 ? null : new Date(at).toISOString() }
}

function toMessage(
  { topic, payload, bytes, qos }: RetainedContent,
  { isWhole, at }: { isWhole: boolean; at: string | null },
): TopicMessage {
  const base64 = payload.toString('base64', 0, isWhole ? bytes : Math.min(bytes, keptPayloadBytes))
  return { topic, payload: { base64, bytes }, retained: true, qos, at }
}
