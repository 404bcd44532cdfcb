/** Retained messages as the embedder sees them. */
import type { Core } from './core.ts'
import type { RetainedContent, RetainedInfo } from './events.ts'
import type { Message } from './message.ts'

export function describeRetained(core: Core, { topic, user, payload, expiresAt }: Message): RetainedInfo {
  return { topic, user, bytes: payload.length, at: core.retained.arrivedAt(topic), expiresAt }
}

/** The payload is the engine's own memory. */
export function describeContent(core: Core, message: Message): RetainedContent {
  return { ...describeRetained(core, message), qos: message.qos, payload: message.payload }
}
