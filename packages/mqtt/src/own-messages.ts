/** Messages that the embedder publishes, without a connection. */
import type { Core } from './core.ts'
import type { Message } from './message.ts'
import { publish } from './routing.ts'

/** `user`: who counts for it if it is retained. */
export type OwnMessage = Pick<Message, 'topic' | 'payload' | 'qos' | 'retain' | 'user'>

export interface PublishOutcome {
  /** False if a retained message found no room. It was delivered all the same. */
  isKept: boolean
  hasSubscribers: boolean
}

export async function publishOwn(
  core: Core,
  { topic, payload, qos, retain, user }: OwnMessage,
): Promise<PublishOutcome> {
  // A small buffer is cut from a pool of 8 KiB, so what is kept is copied.
  const message: Message = { topic, payload, qos, retain, forwarded: undefined, expiresAt: 0, user, memory: 'borrowed' }
  const { isKept, delivery, isDone } = publish(core, message, undefined)
  if (!isDone) {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    delivery.whenDone = resolve
    delivery.failed = reject
    core.turns.later(delivery)
    await promise
  }
  await new Promise<void>((resolve, reject) => core.journal.afterCommit(resolve, { failed: reject }))
  return { isKept, hasSubscribers: delivery.hasSubscribers }
}
