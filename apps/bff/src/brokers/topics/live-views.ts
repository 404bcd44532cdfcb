/**
 * The views that readers share, in the main thread. Readers with the same filter and rights have one view in the broker, so that ten
 * browsers cost the broker as much as one.
 */
import { maxViewsPerUser } from '@gatehouse/contract/brokers/topics'
import { Problem } from '../../platform/base/problem.ts'
import { confirmed } from '../connections/routes.ts'
import type { Broker } from '../embedded/start-broker.ts'
import { NameRoom, Reading, ShownTopics } from './shown-topics.ts'
import type { ViewRequest } from './topic-views.ts'

/** Of all users. */
const mostReaders = 50
/** A view is asked as often as its slowest reader wants an event. Readers within this time share an answer. */
export const answerEveryMs = 500

type Calls = Pick<Broker, 'openTopicView' | 'topicChanges' | 'closeTopicView'>

/** A view of the broker, with its readers. */
class SharedView {
  readonly shown: ShownTopics
  readers = 0
  readonly viewId: Promise<number>
  readonly #broker: Calls
  #askedAt = Number.NEGATIVE_INFINITY
  #answer: Promise<void> = Promise.resolve()

  constructor(broker: Calls, request: ViewRequest, room: NameRoom) {
    this.#broker = broker
    this.shown = new ShownTopics(room)
    this.viewId = openView(broker, request)
    // Each reader that joins gets the error.
    this.viewId.catch(() => {})
  }

  /** Asks the broker, unless another reader has just done so. */
  refresh(): Promise<void> {
    const now = performance.now()
    if (now - this.#askedAt < answerEveryMs * 0.9) return this.#answer
    this.#askedAt = now
    this.#answer = this.#ask()
    return this.#answer
  }

  async close(): Promise<void> {
    this.shown.forget()
    await this.#broker.closeTopicView(await this.viewId)
  }

  async #ask(): Promise<void> {
    const changes = confirmed(await this.#broker.topicChanges(await this.viewId))
    if ('refused' in changes) throw new Problem('unavailable')
    this.shown.apply(changes)
  }
}

async function openView(broker: Calls, request: ViewRequest): Promise<number> {
  const opened = confirmed(await broker.openTopicView(request))
  if ('refused' in opened) throw new Problem(opened.refused)
  return opened.viewId
}

/** One reader of a shared view. */
export interface Reader {
  /** The topics that have changed since the last call. Rejects with `unavailable`. */
  next(): Promise<{ topics: ReturnType<Reading['take']>; isMore: boolean }>
  leave(): Promise<void>
}

export class LiveViews {
  readonly #broker: Calls
  readonly #shared = new Map<string, SharedView>()
  readonly #readersOf = new Map<string, number>()
  readonly #room = new NameRoom()
  #readers = 0

  constructor(broker: Calls) {
    this.#broker = broker
  }

  /** Counts a reader, until the returned function is called. Throws `too_many_views`. */
  admit(userId: string): () => void {
    const ofUser = this.#readersOf.get(userId) ?? 0
    if (this.#readers >= mostReaders || ofUser >= maxViewsPerUser) throw new Problem('too_many_views')
    this.#readers++
    this.#readersOf.set(userId, ofUser + 1)
    return () => {
      this.#readers--
      const left = (this.#readersOf.get(userId) ?? 1) - 1
      if (left > 0) this.#readersOf.set(userId, left)
      else this.#readersOf.delete(userId)
    }
  }

  /** The caller has judged that these rights cover the filter. Rejects with `not_permitted` or `too_many_views`. */
  async join(request: ViewRequest): Promise<Reader> {
    const key = JSON.stringify([request.filter, request.rights])
    const view = this.#shared.get(key) ?? new SharedView(this.#broker, request, this.#room)
    this.#shared.set(key, view)
    view.readers++
    const lose = (): void => {
      if (this.#shared.get(key) === view) this.#shared.delete(key)
    }
    try {
      await view.viewId
    } catch (error) {
      lose()
      throw error
    }
    const reading = new Reading(view.shown)
    return {
      next: async () => {
        // The next reader opens another view.
        await view.refresh().catch((error: unknown) => {
          lose()
          throw error
        })
        return { topics: reading.take(), isMore: view.shown.isMore }
      },
      leave: async () => {
        view.readers--
        if (view.readers > 0) return
        lose()
        await view.close()
      },
    }
  }
}
