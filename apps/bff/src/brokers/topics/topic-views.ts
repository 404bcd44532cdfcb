/**
 * The live views of the console, in the broker's thread. The main thread opens a view, asks it for what has changed, and closes it. It
 * opens one for all readers with the same filter and rights, and makes their events (`live-views.ts`), so that the broker has little to
 * do: an answer is columns of figures and the beginnings of payloads, as bytes.
 */
import { matches } from '@gatehouse/contract/access/topic'
import { keptPayloadBytes, maxWatchedTopics, type TopicMessage } from '@gatehouse/contract/brokers/topics'
import type { Engine } from '@gatehouse/mqtt/engine'
import type { RetainedContent } from '@gatehouse/mqtt/events'
import { createYielder } from '@gatehouse/pki/read/yielder'
import {
  compileRights,
  judgeDelivery,
  judgeSubscribe,
  type TopicPermissions,
  type TopicRights,
} from '../../access/decision/topics.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { previewBytes } from './preview.ts'
import { figuresPerTopic, type TopicChanges } from './topic-changes.ts'
import { type TopicState, type Viewer, WatchedTopics } from './watched-topics.ts'

/** Of all users. The main thread has the same bound, and shares views. */
const mostViews = 50
/** Retained messages that a view begins with. The other topics are left for what is published. */
const mostRetained = maxWatchedTopics / 2
/** The payloads of one answer. The rest comes with the next. */
const answerBytes = 262_144
/** A view that was not asked for so long is closed. */
const abandonedAfterMs = 30_000

export interface ViewRequest {
  filter: string
  rights: TopicPermissions
}

export type OpenedView = { viewId: number } | { refused: 'not_permitted' | 'too_many_views' }
export type ViewChanges = TopicChanges | { refused: 'not_found' }

/** Only one answer is made at a time. */
const figures = new Float64Array(maxWatchedTopics * figuresPerTopic)
const samples = Buffer.allocUnsafeSlow(answerBytes + previewBytes)

class View implements Viewer {
  readonly filter: string
  readonly rights: TopicRights
  askedAt: number
  hasMoreRetained = false
  readonly states: TopicState[] = []
  /** The version of each topic that was sent. */
  readonly #sent: number[] = []
  #next = 0
  /** Number of topics that answers have named. */
  #named = 0

  constructor({ filter, rights }: ViewRequest, now: number) {
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
  take(): TopicChanges {
    const { states } = this
    let count = 0
    let used = 0
    for (let looked = 0; looked < states.length && used < answerBytes; looked++) {
      if (this.#next >= states.length) this.#next = 0
      const at = this.#next++
      const state = states[at]!
      if (this.#sent[at] === state.version) continue
      this.#sent[at] = state.version
      used += this.#write(at, { row: count++, used })
    }
    const added = states.slice(this.#named).map(({ topic }) => topic)
    this.#named = states.length
    return {
      added,
      figures: figures.slice(0, count * figuresPerTopic),
      samples: Uint8Array.prototype.slice.call(samples, 0, used),
      isMore: this.isMore,
    }
  }

  /** @returns how many bytes of the payload it wrote. */
  #write(at: number, { row, used }: { row: number; used: number }): number {
    const { messages, bytes, isRetained, at: time, kept, sample } = this.states[at]!
    const shown = Math.min(kept, previewBytes)
    const start = row * figuresPerTopic
    figures[start] = at
    figures[start + 1] = messages
    figures[start + 2] = bytes
    figures[start + 3] = isRetained ? 1 : 0
    figures[start + 4] = time
    figures[start + 5] = shown
    return sample.copy(samples, used, 0, shown)
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
    if (this.#views.size >= mostViews) return { refused: 'too_many_views' }
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

  changes(viewId: number): ViewChanges {
    const view = this.#views.get(viewId)
    if (!view) return { refused: 'not_found' }
    view.askedAt = this.#now()
    this.#topics.settle()
    return view.take()
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

function toMessage(
  { topic, payload, bytes, qos }: RetainedContent,
  { isWhole, at }: { isWhole: boolean; at: string | null },
): TopicMessage {
  const base64 = payload.toString('base64', 0, isWhole ? bytes : Math.min(bytes, keptPayloadBytes))
  return { topic, payload: { base64, bytes }, retained: true, qos, at }
}
